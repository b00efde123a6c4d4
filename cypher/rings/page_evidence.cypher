// One page of the evidence of each ring, strongest first.
// Parameters: ring_ids LIST<STRING>; after_rank FLOAT of the last one seen, or null; limit INTEGER.
// Returns: ring_id STRING, evidence LIST<MAP {kind, value, members, accounts, hub, weight, rank}> in order.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (r:Ring {id: ring_id})
CALL (r) {
  MATCH (r)-[:HAS_EVIDENCE]->(e:Evidence)
  WHERE $after_rank IS NULL OR e.rank > $after_rank
  WITH e
  ORDER BY e.rank
  LIMIT $limit
  RETURN collect(e {.kind, .value, .members, .accounts, .hub, .weight, .rank}) AS evidence
}
RETURN ring_id, evidence
