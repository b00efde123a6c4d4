// The verdicts on each ring, and those that hold for it though they were on another one; the latest
// first.
// Parameters: ring_ids LIST<STRING>; limit INTEGER, verdicts a ring.
// Returns: ring_id STRING; verdicts LIST<MAP {id, ring_id, verdict, by, reason, at_ms, state_before}>.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (r:Ring {id: ring_id})
CALL (r) {
  MATCH (one:Ring)-[:MERGED_INTO*0..]->(r)
  MATCH (v:Verdict)-[:ON|HOLDS_FOR]->(one)
  WITH DISTINCT v
  ORDER BY v.at DESC, v.id
  LIMIT $limit
  RETURN collect(v {
    .id, .ring_id, .verdict, .by, .reason, at_ms: v.at.epochMillis, .state_before
  }) AS verdicts
}
RETURN ring_id, verdicts
