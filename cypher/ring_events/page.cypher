// One page of what happened to each ring and to those that merged into it, the earliest first.
// Parameters: ring_ids LIST<STRING>; after_ms INTEGER (milliseconds since 1970) and after_key STRING of the last event seen, or null; limit INTEGER.
// Returns: ring_id STRING; events LIST<MAP {key, ring_id, run_id, kind, at_ms, size_before, size_after, added, removed, other_ring_ids, score, grade, tier, state}> in order.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (r:Ring {id: ring_id})
CALL (r) {
  MATCH (one:Ring)-[:MERGED_INTO*0..]->(r)
  MATCH (one)-[:HAS_EVENT]->(e:RingEvent)
  WITH e, e.at.epochMillis AS at_ms, e.ring_id + ' ' + e.kind + ' ' + e.run_id AS key
  WHERE $after_ms IS NULL OR at_ms > $after_ms OR (at_ms = $after_ms AND key > $after_key)
  WITH e, at_ms, key
  ORDER BY at_ms, key
  LIMIT $limit
  RETURN collect(e {
    key: key, at_ms: at_ms, .ring_id, .run_id, .kind, .size_before, .size_after, .added, .removed,
    .other_ring_ids, .score, .grade, .tier, .state
  }) AS events
}
RETURN ring_id, events
