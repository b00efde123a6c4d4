// The latest screenings are found in order, without reading those before.
CREATE INDEX screening_at IF NOT EXISTS FOR (s:Screening) ON (s.at, s.id)
