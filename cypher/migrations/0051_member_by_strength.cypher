// The next members of a ring, the most firmly tied first, are found without reading the others.
CREATE INDEX member_by_strength IF NOT EXISTS
FOR ()-[m:MEMBER_OF]-() ON (m.ring_id, m.role, m.rank, m.account_id)
