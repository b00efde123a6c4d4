// What need not be remembered any more is found and forgotten without reading the rest.
CREATE INDEX tombstone_expires_at IF NOT EXISTS FOR (t:Tombstone) ON (t.expires_at)
