// Rings by id, or by the id of a ring that merged into them; each id once.
// Parameters: ring_ids LIST<STRING>.
// Returns: asked_id, id, operation_id STRING; aliases LIST<STRING>; score FLOAT; grade, tier, state STRING; size, core_size INTEGER; kinds, reason_codes, reason_texts LIST<STRING>; reason_weights LIST<FLOAT>; requests, tokens INTEGER; first_signed_up_ms, last_signed_up_ms, found_ms, updated_ms INTEGER, milliseconds since 1970; run_id STRING.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (:Ring {id: ring_id})-[:MERGED_INTO*0..]->(r:Ring)
WHERE NOT EXISTS { (r)-[:MERGED_INTO]->() }
RETURN ring_id AS asked_id, r.id AS id,
  COLLECT { MATCH (alias:Ring)-[:MERGED_INTO*1..]->(r) RETURN alias.id ORDER BY alias.id } AS aliases,
  r.operation_id AS operation_id, r.score AS score, r.grade AS grade,
  r.tier AS tier, r.state AS state, r.size AS size, r.core_size AS core_size, r.kinds AS kinds,
  r.reason_codes AS reason_codes, r.reason_weights AS reason_weights,
  r.reason_texts AS reason_texts, coalesce(r.requests, 0) AS requests,
  coalesce(r.tokens, 0) AS tokens, r.first_signed_up_at.epochMillis AS first_signed_up_ms,
  r.last_signed_up_at.epochMillis AS last_signed_up_ms, r.found_at.epochMillis AS found_ms,
  r.updated_at.epochMillis AS updated_ms, r.run_id AS run_id
