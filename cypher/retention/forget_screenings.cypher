// Forget answers to sign-ups that were given before a moment and that no hold keeps, so many at the
// most.
// Parameters: before ZONED DATETIME; limit INTEGER.
// Returns: gone INTEGER, how many went.
// WRITE. Starts from: index screening_at.
MATCH (s:Screening)
WHERE s.at < $before AND s.id IS NOT NULL
  AND NOT EXISTS {
    MATCH (s)-[:TOUCHED]->(:Ring)<-[:MERGED_INTO*0..]-(touched:Ring)
    MATCH (hold:LegalHold {subject_id: touched.id, subject_kind: 'ring'})
    WHERE hold.lifted_at IS NULL
  }
  AND NOT EXISTS {
    MATCH (hold:LegalHold {subject_id: s.account_id, subject_kind: 'account'})
    WHERE hold.lifted_at IS NULL
  }
  AND NOT EXISTS {
    MATCH (:Account {id: s.account_id})-[:MEMBER_OF|WAS_MEMBER_OF]->(:Ring)
      <-[:MERGED_INTO*0..]-(one:Ring)
    MATCH (hold:LegalHold {subject_id: one.id, subject_kind: 'ring'})
    WHERE hold.lifted_at IS NULL
  }
WITH s LIMIT $limit
DETACH DELETE s
RETURN count(*) AS gone
