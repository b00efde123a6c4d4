// A hold in force on each account, or on a ring that it is or was a member of, whatever ids that ring
// had; the earliest.
// Parameters: ids LIST<STRING>.
// Returns: id, hold_id STRING; no row for an account that nothing holds.
// READ. Starts from: index legal_hold_subject and constraint account_id.
UNWIND $ids AS id
CALL (id) {
  MATCH (hold:LegalHold {subject_id: id, subject_kind: 'account'})
  WHERE hold.lifted_at IS NULL
  RETURN hold
  UNION
  MATCH (:Account {id: id})-[:MEMBER_OF|WAS_MEMBER_OF]->(ring:Ring)
  WITH DISTINCT ring
  MATCH (ring)-[:MERGED_INTO*0..]->(:Ring)<-[:MERGED_INTO*0..]-(one:Ring)
  WITH DISTINCT one
  MATCH (hold:LegalHold {subject_id: one.id, subject_kind: 'ring'})
  WHERE hold.lifted_at IS NULL
  RETURN hold
}
WITH id, hold ORDER BY hold.placed_at, hold.id
RETURN id, head(collect(hold.id)) AS hold_id
