// Rings are found by an identifier that is evidence against them.
CREATE INDEX evidence_kind_value IF NOT EXISTS FOR (e:Evidence) ON (e.kind, e.value)
