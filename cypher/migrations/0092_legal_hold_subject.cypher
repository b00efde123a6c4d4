// The holds on an account or a ring are found by its id.
CREATE INDEX legal_hold_subject IF NOT EXISTS FOR (h:LegalHold) ON (h.subject_id)
