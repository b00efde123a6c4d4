// Forget who was a member of rings that are closed since before a moment, so many at the most; see
// forget_rings for those that stay.
// Parameters: before ZONED DATETIME; limit INTEGER.
// Returns: gone INTEGER, how many memberships went.
// WRITE. Starts from: index ring_state.
MATCH (ring:Ring)
WHERE ring.state = 'closed' AND ring.dormant_since < $before
  AND NOT EXISTS { (ring)-[:MERGED_INTO|RETURNED_FROM]-() }
  AND NOT EXISTS { (ring)<-[:OF|ON|HOLDS_FOR]-() }
  AND NOT EXISTS {
    MATCH (hold:LegalHold {subject_id: ring.id, subject_kind: 'ring'})
    WHERE hold.lifted_at IS NULL
  }
MATCH (ring)<-[was:WAS_MEMBER_OF|TOUCHED|FOUND]-()
WITH was LIMIT $limit
DELETE was
RETURN count(*) AS gone
