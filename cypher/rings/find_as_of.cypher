// Rings by id as they were at a moment, or the rings that they had merged into by then.
// Parameters: ring_ids LIST<STRING>; as_of ZONED DATETIME.
// Returns: asked_id, id, operation_id STRING; aliases LIST<STRING>; score FLOAT; grade, tier, state STRING; size, core_size INTEGER; kinds, reason_codes, reason_texts LIST<STRING>; reason_weights LIST<FLOAT>; requests, tokens INTEGER; first_signed_up_ms, last_signed_up_ms, found_ms, updated_ms INTEGER, milliseconds since 1970; run_id STRING; no row for rings found later.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (:Ring {id: ring_id})-[merged:MERGED_INTO*0..]->(r:Ring)
WHERE all(one IN merged WHERE one.at <= $as_of)
  AND NOT EXISTS { MATCH (r)-[next:MERGED_INTO]->() WHERE next.at <= $as_of }
CALL (r) {
  MATCH (r)-[:HAS_EVENT]->(e:RingEvent)
  WHERE e.at <= $as_of
  RETURN e
  ORDER BY e.at DESC, e.kind
  LIMIT 1
}
RETURN ring_id AS asked_id, r.id AS id,
  COLLECT {
    MATCH (alias:Ring)-[came:MERGED_INTO*1..]->(r)
    WHERE all(one IN came WHERE one.at <= $as_of)
    RETURN alias.id ORDER BY alias.id
  } AS aliases,
  e.operation_id AS operation_id, e.score AS score, e.grade AS grade, e.tier AS tier,
  e.state AS state, e.size AS size, e.core_size AS core_size, e.kinds AS kinds,
  e.reason_codes AS reason_codes, e.reason_weights AS reason_weights,
  e.reason_texts AS reason_texts, coalesce(e.requests, 0) AS requests,
  coalesce(e.tokens, 0) AS tokens, e.first_signed_up_at.epochMillis AS first_signed_up_ms,
  e.last_signed_up_at.epochMillis AS last_signed_up_ms, r.found_at.epochMillis AS found_ms,
  e.at.epochMillis AS updated_ms, e.run_id AS run_id
