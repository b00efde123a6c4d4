// One page of the investigations, those changed last first.
// Parameters: before_ms INTEGER (milliseconds since 1970) and before_id STRING of the last one seen, or
//   null; limit INTEGER.
// Returns: investigation MAP {id, name, document, variables, as_of_ms, by, created_ms, updated_ms}.
// READ. Starts from: index investigation_updated_at.
MATCH (i:Investigation)
WHERE i.updated_at IS NOT NULL
WITH i, i.updated_at.epochMillis AS updated_ms
WHERE $before_ms IS NULL OR updated_ms < $before_ms
  OR (updated_ms = $before_ms AND i.id < $before_id)
RETURN i {
  .id, .name, .document, .variables, .by, as_of_ms: i.as_of.epochMillis,
  created_ms: i.created_at.epochMillis, updated_ms: updated_ms
} AS investigation
ORDER BY i.updated_at DESC, i.id DESC
LIMIT $limit
