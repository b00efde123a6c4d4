// Members of each ring that used the model most, ties by account id.
// Parameters: ring_ids LIST<STRING>; limit INTEGER.
// Returns: ring_id STRING; users LIST<MAP {account_id, requests, tokens}>, heaviest first; requests INTEGER of all members.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (r:Ring {id: ring_id})
CALL (r) {
  MATCH (a:Account)-[:MEMBER_OF]->(r)
  RETURN sum(a.requests) AS requests
}
CALL (r) {
  MATCH (a:Account)-[:MEMBER_OF]->(r)
  WHERE a.requests > 0
  WITH a
  ORDER BY a.requests DESC, a.id
  LIMIT $limit
  RETURN collect({account_id: a.id, requests: a.requests, tokens: coalesce(a.tokens, 0)}) AS users
}
RETURN ring_id, users, requests
