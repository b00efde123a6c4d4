// The screenings of an attempt are found by the provider's own id of it.
CREATE INDEX screening_attempt IF NOT EXISTS FOR (s:Screening) ON (s.attempt_id, s.at, s.id)
