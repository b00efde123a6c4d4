// Let the id of a closed ring stand for the ring that it merged into, for good.
// Parameters: run_id, ring_id, into_id STRING.
// Returns: nothing.
// WRITE. Starts from: constraints ring_id and detection_run_id.
MATCH (ring:Ring {id: $ring_id})
MATCH (into:Ring {id: $into_id})
MATCH (run:DetectionRun {id: $run_id})
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
