// Rings are listed by the exchanges of their members.
CREATE INDEX ring_requests IF NOT EXISTS FOR (r:Ring) ON (r.requests)
