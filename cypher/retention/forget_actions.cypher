// Forget what the provider's systems were told before a moment and that no hold keeps, so many at the
// most.
// Parameters: before ZONED DATETIME; limit INTEGER.
// Returns: gone INTEGER, how many went.
// WRITE. Starts from: the label Action, the oldest first.
MATCH (x:Action)
WHERE x.at < $before
  AND NOT EXISTS {
    MATCH (hold:LegalHold {subject_id: x.ring_id, subject_kind: 'ring'})
    WHERE hold.lifted_at IS NULL
  }
  AND NOT EXISTS {
    MATCH (hold:LegalHold {subject_id: x.account_id, subject_kind: 'account'})
    WHERE hold.lifted_at IS NULL
  }
  AND NOT EXISTS {
    MATCH (:Account {id: x.account_id})-[:MEMBER_OF|WAS_MEMBER_OF]->(:Ring)
      <-[:MERGED_INTO*0..]-(one:Ring)
    MATCH (hold:LegalHold {subject_id: one.id, subject_kind: 'ring'})
    WHERE hold.lifted_at IS NULL
  }
WITH x LIMIT $limit
DETACH DELETE x
RETURN count(*) AS gone
