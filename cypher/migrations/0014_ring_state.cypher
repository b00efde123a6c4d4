// Rings are filtered by state.
CREATE INDEX ring_state IF NOT EXISTS FOR (r:Ring) ON (r.state)
