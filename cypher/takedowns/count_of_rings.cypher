// How many takedowns each ring has, with those of rings that merged into it.
// Parameters: ring_ids LIST<STRING>; states LIST<STRING>, or null for any.
// Returns: ring_id STRING; takedowns INTEGER.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
CALL (ring_id) {
  MATCH (told:Ring)-[:MERGED_INTO*0..]->(:Ring {id: ring_id})
  MATCH (told)<-[:OF]-(t:Takedown)
  WHERE $states IS NULL OR t.state IN $states
  RETURN count(t) AS takedowns
}
RETURN ring_id, takedowns
