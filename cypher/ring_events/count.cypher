// How much happened to each ring and to those that merged into it.
// Parameters: ring_ids LIST<STRING>.
// Returns: ring_id STRING, events INTEGER.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (r:Ring {id: ring_id})
MATCH (one:Ring)-[:MERGED_INTO*0..]->(r)
RETURN ring_id, sum(COUNT { (one)-[:HAS_EVENT]->() }) AS events
