// How many members each ring has.
// Parameters: ring_ids LIST<STRING>; role STRING or null for both; limit INTEGER.
// Returns: ring_id STRING, members INTEGER; of one role at most limit.
// READ. Starts from: constraint ring_id; the degree is stored with the node, a role is counted.
UNWIND $ring_ids AS ring_id
MATCH (r:Ring {id: ring_id})
CALL (r) {
  WITH r WHERE $role IS NULL
  RETURN COUNT { (r)<-[:MEMBER_OF]-() } AS members
  UNION ALL
  WITH r WHERE $role IS NOT NULL
  MATCH (:Account)-[m:MEMBER_OF]->(r)
  WHERE m.role = $role
  WITH m LIMIT $limit
  RETURN count(*) AS members
}
RETURN ring_id, sum(members) AS members
