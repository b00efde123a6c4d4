// Take away what a ring holds from earlier runs: members that left (who they were is remembered),
// old evidence, and its old operation (that itself too, if no ring is left in it).
// Parameters: run_id, ring_id STRING.
// Returns: nothing.
// WRITE. Starts from: constraints ring_id and detection_run_id.
MATCH (ring:Ring {id: $ring_id})
MATCH (run:DetectionRun {id: $run_id})
CALL (ring, run) {
  MATCH (account:Account)-[left:MEMBER_OF]->(ring)
  WHERE left.run_id <> run.id
  CREATE (account)-[was:WAS_MEMBER_OF]->(ring)
  SET was = properties(left), was.until = run.told_at
  DELETE left
}
CALL (ring) {
  MATCH (ring)-[:HAS_EVIDENCE]->(old:Evidence)
  WHERE old.run_id <> $run_id
  DETACH DELETE old
}
CALL (ring) {
  MATCH (ring)-[part:PART_OF]->(operation:Operation)
  WHERE operation.id <> ring.operation_id
  DELETE part
  WITH operation
  WHERE NOT EXISTS { (operation)<-[:PART_OF]-() }
  DELETE operation
}
