// Write a note on a ring, found by its id or by one that stands for it.
// Parameters: id, ring_id, by, text STRING.
// Returns: ring_id STRING, the ring's own id; at_ms INTEGER, milliseconds since 1970; no row for an
//   unknown ring.
// WRITE. Starts from: constraint ring_id.
MATCH (:Ring {id: $ring_id})-[:MERGED_INTO*0..]->(ring:Ring)
WHERE NOT EXISTS { (ring)-[:MERGED_INTO]->() }
CREATE (note:Note {
  id: $id, by: $by, text: $text, at: datetime.truncate('millisecond', datetime.realtime())
})-[:ON]->(ring)
RETURN ring.id AS ring_id, note.at.epochMillis AS at_ms
