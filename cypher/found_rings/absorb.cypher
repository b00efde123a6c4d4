// Let the ids of closed rings stand for the rings that they merged into, for good.
// Parameters: run_id STRING; ring_ids, into_ids LIST<STRING> of equal length.
// Returns: nothing.
// WRITE. Starts from: constraints ring_id and detection_run_id.
MATCH (run:DetectionRun {id: $run_id})
UNWIND range(0, size($ring_ids) - 1) AS n
MATCH (ring:Ring {id: $ring_ids[n]})
MATCH (into:Ring {id: $into_ids[n]})
MERGE (ring)-[merged:MERGED_INTO]->(into)
ON CREATE SET merged.at = run.told_at
WITH ring
CALL (ring) {
  MATCH (ring)-[part:PART_OF]->(operation:Operation)
  DELETE part
  WITH operation
  WHERE NOT EXISTS { (operation)<-[:PART_OF]-() }
  DELETE operation
}
