// The investigations changed last are found without reading them all.
CREATE INDEX investigation_updated_at IF NOT EXISTS FOR (i:Investigation) ON (i.updated_at)
