// The takedowns of a ring and of those that merged into it, the earliest first.
// Parameters: ring_id STRING; as_of ZONED DATETIME, those planned by then, or null for all.
// Returns: id, action, state, reason, planned_by, approved_by STRING; size INTEGER; planned_ms,
//   approved_ms, started_ms, ended_ms, expires_ms INTEGER, milliseconds since 1970, or null.
// READ. Starts from: constraint ring_id.
MATCH (r:Ring {id: $ring_id})
MATCH (one:Ring)-[:MERGED_INTO*0..]->(r)
MATCH (one)<-[:OF]-(t:Takedown)
WHERE $as_of IS NULL OR t.planned_at <= $as_of
RETURN t.id AS id, t.action AS action, t.state AS state, t.reason AS reason, t.size AS size,
  t.planned_by AS planned_by, t.approved_by AS approved_by,
  t.planned_at.epochMillis AS planned_ms, t.approved_at.epochMillis AS approved_ms,
  t.started_at.epochMillis AS started_ms, t.ended_at.epochMillis AS ended_ms,
  t.expires_at.epochMillis AS expires_ms
ORDER BY planned_ms, id
