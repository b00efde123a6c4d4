// Take away what a ring holds from earlier runs: members that left, old evidence, its old operation
// (and that itself, if no ring is left in it), and the memory of a closed ring's members.
// Parameters: run_id, ring_id STRING.
// Returns: nothing.
// WRITE. Starts from: constraint ring_id.
MATCH (ring:Ring {id: $ring_id})
CALL (ring) {
  MATCH (:Account)-[left:MEMBER_OF]->(ring)
  WHERE left.run_id <> $run_id
  DELETE left
}
CALL (ring) {
  MATCH (:Account)-[was:WAS_MEMBER_OF]->(ring)
  DELETE was
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
