// A ring, by its id or one that stands for it, and the state it is in.
// Parameters: ring_id STRING.
// Returns: id, state STRING; no row for an unknown id.
// READ. Starts from: constraint ring_id.
MATCH (:Ring {id: $ring_id})-[:MERGED_INTO*0..]->(ring:Ring)
WHERE NOT EXISTS { (ring)-[:MERGED_INTO]->() }
RETURN ring.id AS id, ring.state AS state
