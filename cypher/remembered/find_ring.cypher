// The ring that an id leads to, how often it had returned, and what detection found public of it.
// Parameters: ring_id STRING.
// Returns: id STRING; generation INTEGER; public LIST<LIST>, each: kind, value STRING; no row for an
//   unknown ring.
// READ. Starts from: constraint ring_id.
MATCH (:Ring {id: $ring_id})-[:MERGED_INTO*0..]->(ring:Ring)
WHERE NOT EXISTS { (ring)-[:MERGED_INTO]->() }
CALL (ring) {
  MATCH (ring)-[:HAS_EVIDENCE]->(piece:Evidence {hub: 'public'})
  RETURN collect([piece.kind, piece.value]) AS public
}
RETURN ring.id AS id, coalesce(ring.generation, 0) AS generation, public
