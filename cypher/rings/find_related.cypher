// Rings tied to each ring, by evidence of the same identifiers or by a common operation; most identifiers first, ties by id.
// Parameters: ring_ids LIST<STRING>; max_evidence INTEGER (strongest evidence looked at); limit INTEGER, related rings a ring.
// Returns: ring_id STRING, related LIST<MAP {ring_id, shared, kinds, same_operation}> in order.
// READ. Starts from: constraint ring_id, then index evidence_kind_value.
UNWIND $ring_ids AS ring_id
MATCH (r:Ring {id: ring_id})
CALL (r) {
  CALL (r) {
    MATCH (r)-[:HAS_EVIDENCE]->(own:Evidence)
    WITH r, own ORDER BY own.rank LIMIT $max_evidence
    MATCH (:Evidence {kind: own.kind, value: own.value})<-[:HAS_EVIDENCE]-(other:Ring)
    WHERE other <> r
    RETURN DISTINCT other, own.kind AS kind, own.value AS value, false AS by_operation
    UNION ALL
    MATCH (r)-[:PART_OF]->(:Operation)<-[:PART_OF]-(other:Ring)
    WHERE other.state <> 'closed'
    RETURN other, null AS kind, null AS value, true AS by_operation
  }
  WITH other, count(kind) AS shared, collect(DISTINCT kind) AS kinds, max(by_operation) AS same
  ORDER BY shared DESC, other.id
  LIMIT $limit
  RETURN collect({ring_id: other.id, shared: shared, kinds: kinds, same_operation: same}) AS related
}
RETURN ring_id, related
