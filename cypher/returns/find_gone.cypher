// Rings that were taken down and did not come back to life, of those asked for.
// Parameters: ids LIST<STRING>.
// Returns: id STRING; taken_down_ms INTEGER, milliseconds since 1970; came_from LIST<STRING>, rings that
//   it had returned from itself.
// READ. Starts from: constraint ring_id.
UNWIND $ids AS asked_id
MATCH (ring:Ring {id: asked_id})
WHERE ring.state IN ['taken_down', 'watched'] AND ring.taken_down_at IS NOT NULL
RETURN ring.id AS id, ring.taken_down_at.epochMillis AS taken_down_ms,
       COLLECT { MATCH (ring)-[:RETURNED_FROM*1..]->(old) RETURN DISTINCT old.id } AS came_from
