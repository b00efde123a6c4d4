// Evidence that rings have, and digests of what is told of each piece; 0: not known.
// Parameters: ring_ids LIST<STRING>.
// Returns: ring_id STRING; kinds, values LIST<STRING>, digests LIST<INTEGER>; no row for a ring without.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (:Ring {id: ring_id})-[:HAS_EVIDENCE]->(evidence:Evidence)
RETURN ring_id, collect(evidence.kind) AS kinds, collect(evidence.value) AS values,
  collect(coalesce(evidence.digest, 0)) AS digests
