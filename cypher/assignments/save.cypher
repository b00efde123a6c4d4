// Give a ring to somebody to look after, or to nobody; the ring is found by its id or by one that
// stands for it.
// Parameters: ring_id STRING; assignee STRING or null.
// Returns: ring_id STRING, the ring's own id; before STRING or null, who had it; no row for an unknown
//   ring.
// WRITE. Starts from: constraint ring_id.
MATCH (:Ring {id: $ring_id})-[:MERGED_INTO*0..]->(ring:Ring)
WHERE NOT EXISTS { (ring)-[:MERGED_INTO]->() }
WITH ring, ring.assignee AS before
SET ring.assignee = $assignee,
    ring.assigned_at = CASE WHEN $assignee IS NULL THEN null
      ELSE datetime.truncate('millisecond', datetime.realtime()) END
RETURN ring.id AS ring_id, before
