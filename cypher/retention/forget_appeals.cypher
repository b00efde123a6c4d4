// Forget appeals that were decided before a moment and that no hold keeps, so many at the most.
// Parameters: before ZONED DATETIME; limit INTEGER.
// Returns: gone INTEGER, how many went.
// WRITE. Starts from: the label Appeal; they are few beside accounts.
MATCH (p:Appeal)
WHERE p.decided_at < $before
  AND NOT EXISTS {
    MATCH (hold:LegalHold {subject_id: p.account_id, subject_kind: 'account'})
    WHERE hold.lifted_at IS NULL
  }
  AND NOT EXISTS {
    MATCH (:Account {id: p.account_id})-[:MEMBER_OF|WAS_MEMBER_OF]->(:Ring)
      <-[:MERGED_INTO*0..]-(one:Ring)
    MATCH (hold:LegalHold {subject_id: one.id, subject_kind: 'ring'})
    WHERE hold.lifted_at IS NULL
  }
WITH p LIMIT $limit
DETACH DELETE p
RETURN count(*) AS gone
