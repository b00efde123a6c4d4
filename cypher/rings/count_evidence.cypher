// How many identifiers are evidence of each ring.
// Parameters: ring_ids LIST<STRING>.
// Returns: ring_id STRING, evidence INTEGER.
// READ. Starts from: constraint ring_id; the degree is stored with the node.
UNWIND $ring_ids AS ring_id
MATCH (r:Ring {id: ring_id})
RETURN ring_id, COUNT { (r)-[:HAS_EVIDENCE]->() } AS evidence
