// Keep the plan of a takedown.
// Parameters: id, ring_id STRING; facts MAP of what is known of it from the start (action, standing,
//   reason, plan_hash, planned_by, blast_radius, options, seed STRING; plan BYTES; needs_approval
//   BOOLEAN; size INTEGER); planned_ms, start_by_ms INTEGER, milliseconds since 1970.
// Returns: id STRING; no row for an unknown ring.
// WRITE. Starts from: constraint ring_id.
MATCH (ring:Ring {id: $ring_id})
CREATE (t:Takedown {id: $id, ring_id: $ring_id, state: 'planned'})-[:OF]->(ring)
SET t += $facts,
    t.planned_at = datetime.fromEpochMillis($planned_ms),
    t.start_by = datetime.fromEpochMillis($start_by_ms)
RETURN t.id AS id
