// Evidence that rings have, its places in their lists, and digests of what is told of each piece.
// Parameters: ring_ids LIST<STRING>.
// Returns: ring_id STRING; evidence LIST<LIST>, each: kind, value STRING, digest INTEGER (0: not known),
//   rank FLOAT or null; no row for a ring without.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (:Ring {id: ring_id})-[:HAS_EVIDENCE]->(evidence:Evidence)
RETURN ring_id, collect(
  [evidence.kind, evidence.value, coalesce(evidence.digest, 0), toFloat(evidence.rank)]
) AS evidence
