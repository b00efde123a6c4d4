// Old entries are found and taken away without reading the rest.
CREATE INDEX outbox_entry_at IF NOT EXISTS FOR (e:OutboxEntry) ON (e.at)
