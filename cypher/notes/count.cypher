// How many notes there are on each ring and on those that merged into it.
// Parameters: ring_ids LIST<STRING>.
// Returns: ring_id STRING, notes INTEGER.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (r:Ring {id: ring_id})
RETURN ring_id, COUNT { (:Note)-[:ON]->(:Ring)-[:MERGED_INTO*0..]->(r) } AS notes
