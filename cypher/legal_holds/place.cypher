// Place a hold on an account or a ring, a ring that merged into another one standing for that; the
// subject is locked, so that no erasure of it begins meanwhile.
// Parameters: id, subject_kind (account or ring), subject_id, reason, by STRING; at_ms INTEGER,
//   milliseconds since 1970.
// Returns: subject_id STRING, its own id; no row for an unknown subject, or an account whose erasure
//   has begun.
// WRITE. Starts from: constraints account_id and ring_id.
CALL () {
  MATCH (subject:Account {id: $subject_id})
  WHERE $subject_kind = 'account'
  RETURN subject
  UNION
  MATCH (:Ring {id: $subject_id})-[:MERGED_INTO*0..]->(subject:Ring)
  WHERE $subject_kind = 'ring' AND NOT EXISTS { (subject)-[:MERGED_INTO]->() }
  RETURN subject
}
SET subject += {}
WITH subject
WHERE subject.erasing_since IS NULL
MERGE (hold:LegalHold {id: $id})
ON CREATE SET
  hold.subject_kind = $subject_kind,
  hold.subject_id = subject.id,
  hold.reason = $reason,
  hold.placed_by = $by,
  hold.placed_at = datetime.fromEpochMillis($at_ms)
RETURN subject.id AS subject_id
