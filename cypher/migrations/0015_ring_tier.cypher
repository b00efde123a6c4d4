// Rings are filtered by tier.
CREATE INDEX ring_tier IF NOT EXISTS FOR (r:Ring) ON (r.tier)
