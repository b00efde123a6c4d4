// The identifiers that tie a ring, and how many accounts carry each, members or not.
// Parameters: ring_id STRING.
// Returns: evidence LIST<LIST>, each: kind, value STRING, accounts INTEGER.
// READ. Starts from: constraint ring_id.
MATCH (ring:Ring {id: $ring_id})
RETURN COLLECT { MATCH (ring)-[:HAS_EVIDENCE]->(e) RETURN [e.kind, e.value, e.accounts] } AS evidence
