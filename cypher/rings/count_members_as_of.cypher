// How many members each ring had at a moment.
// Parameters: ring_ids LIST<STRING>; as_of ZONED DATETIME; role STRING or null for both; limit INTEGER.
// Returns: ring_id STRING, members INTEGER, at most limit.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (r:Ring {id: ring_id})
CALL (r) {
  MATCH (:Account)-[m:MEMBER_OF|WAS_MEMBER_OF]->(r)
  WHERE m.since <= $as_of AND coalesce(m.until > $as_of, true)
    AND ($role IS NULL OR m.role = $role)
  WITH m LIMIT $limit
  RETURN count(*) AS members
}
RETURN ring_id, members
