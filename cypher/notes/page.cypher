// One page of the notes on each ring and on those that merged into it, the latest first.
// Parameters: ring_ids LIST<STRING>; before_ms INTEGER (milliseconds since 1970) and before_id STRING of
//   the last note seen, or null; limit INTEGER.
// Returns: ring_id STRING; notes LIST<MAP {id, by, text, at_ms}> in order.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (r:Ring {id: ring_id})
CALL (r) {
  MATCH (note:Note)-[:ON]->(:Ring)-[:MERGED_INTO*0..]->(r)
  WITH note, note.at.epochMillis AS at_ms
  WHERE $before_ms IS NULL OR at_ms < $before_ms OR (at_ms = $before_ms AND note.id < $before_id)
  WITH note, at_ms
  ORDER BY at_ms DESC, note.id DESC
  LIMIT $limit
  RETURN collect(note {.id, .by, .text, at_ms: at_ms}) AS notes
}
RETURN ring_id, notes
