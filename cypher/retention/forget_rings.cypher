// Forget rings that are closed since before a moment and have no members any more, with their history,
// so many at the most. Those that merged or returned as others stay, since ids lead to them, and
// those that people judged, noted something on or took down.
// Parameters: before ZONED DATETIME; limit INTEGER.
// Returns: gone INTEGER, how many rings went.
// WRITE. Starts from: index ring_state.
MATCH (ring:Ring)
WHERE ring.state = 'closed' AND ring.dormant_since < $before
  AND NOT EXISTS { (ring)-[:MERGED_INTO|RETURNED_FROM]-() }
  AND NOT EXISTS { (ring)<-[:OF|ON|HOLDS_FOR]-() }
  AND NOT EXISTS { (ring)<-[:WAS_MEMBER_OF|MEMBER_OF|TOUCHED|FOUND]-() }
  AND NOT EXISTS {
    MATCH (hold:LegalHold {subject_id: ring.id, subject_kind: 'ring'})
    WHERE hold.lifted_at IS NULL
  }
WITH ring LIMIT $limit
CALL (ring) {
  OPTIONAL MATCH (ring)-[:HAS_EVENT|HAS_EVIDENCE]->(told)
  DETACH DELETE told
  RETURN count(told) AS told
}
CALL (ring) {
  OPTIONAL MATCH (ring)-[part:PART_OF]->(operation:Operation)
  DELETE part
  WITH operation
  WHERE operation IS NOT NULL AND NOT EXISTS { (operation)<-[:PART_OF]-() }
  DELETE operation
}
DETACH DELETE ring
RETURN count(*) AS gone
