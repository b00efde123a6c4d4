// Rings are listed and filtered by size.
CREATE INDEX ring_size IF NOT EXISTS FOR (r:Ring) ON (r.size)
