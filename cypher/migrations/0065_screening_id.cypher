// A screening is logged once, however often its batch is sent.
CREATE CONSTRAINT screening_id IF NOT EXISTS FOR (s:Screening) REQUIRE s.id IS UNIQUE
