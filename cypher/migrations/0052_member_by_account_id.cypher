// The next members of a ring by account id are found without reading the others.
CREATE INDEX member_by_account_id IF NOT EXISTS
FOR ()-[m:MEMBER_OF]-() ON (m.ring_id, m.role, m.account_id)
