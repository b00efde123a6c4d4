// Who looks after each ring.
// Parameters: ring_ids LIST<STRING>.
// Returns: ring_id, assignee STRING; at_ms INTEGER, milliseconds since 1970; rings of nobody are left out.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (ring:Ring {id: ring_id})
WHERE ring.assignee IS NOT NULL
RETURN ring_id, ring.assignee AS assignee, ring.assigned_at.epochMillis AS at_ms
