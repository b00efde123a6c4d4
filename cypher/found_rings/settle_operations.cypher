// Take rings out of operations that they are no longer part of; one that no ring is left in goes.
// Parameters: ring_ids LIST<STRING>.
// Returns: nothing.
// WRITE. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (ring:Ring {id: ring_id})-[part:PART_OF]->(operation:Operation)
WHERE operation.id <> ring.operation_id
DELETE part
WITH DISTINCT operation
WHERE NOT EXISTS { (operation)<-[:PART_OF]-() }
DELETE operation
