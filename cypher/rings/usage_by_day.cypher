// Exchanges and tokens of each ring's members by day, the latest days.
// Parameters: ring_ids LIST<STRING>; limit INTEGER, days a ring.
// Returns: ring_id STRING, days LIST<LIST<INTEGER>> (day since 1970, exchanges, tokens, accounts that were active), latest first.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (r:Ring {id: ring_id})
CALL (r) {
  MATCH (a:Account)-[:MEMBER_OF]->(r)
  WITH a.usage_days AS days, a.usage_requests AS requests, a.usage_tokens AS tokens
  WHERE days IS NOT NULL
  UNWIND range(0, size(days) - 1) AS at
  WITH days[at] AS day, sum(requests[at]) AS requests, sum(tokens[at]) AS tokens,
    count(*) AS accounts
  ORDER BY day DESC
  LIMIT $limit
  RETURN collect([day, requests, tokens, accounts]) AS days
}
RETURN ring_id, days
