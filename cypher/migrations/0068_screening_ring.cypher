// The latest screenings that touched a ring are found without reading those before.
CREATE INDEX screening_ring IF NOT EXISTS FOR (s:Screening) ON (s.ring_id, s.at, s.id)
