// The first sign-up checks that named a ring after its takedown are found without reading the others.
CREATE INDEX screening_re_entry IF NOT EXISTS FOR (s:Screening) ON (s.re_entry_ring_id, s.at)
