// One page of the takedowns of each ring or of one that merged into it, the latest first.
// Parameters: ring_ids LIST<STRING>; states LIST<STRING>, or null for any; after_ms INTEGER
//   (milliseconds since 1970) and after_id STRING of the last one seen, or null; limit INTEGER.
// Returns: ring_id STRING; takedown_ids LIST<STRING> in order.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
CALL (ring_id) {
  MATCH (told:Ring)-[:MERGED_INTO*0..]->(:Ring {id: ring_id})
  MATCH (told)<-[:OF]-(t:Takedown)
  WHERE ($states IS NULL OR t.state IN $states)
    AND ($after_ms IS NULL OR t.planned_at.epochMillis < $after_ms
      OR (t.planned_at.epochMillis = $after_ms AND t.id > $after_id))
  WITH t ORDER BY t.planned_at DESC, t.id LIMIT $limit
  RETURN collect(t.id) AS takedown_ids
}
RETURN ring_id, takedown_ids
