// Exchanges and tokens of each account by day, the latest days.
// Parameters: account_ids LIST<STRING>; limit INTEGER, days an account.
// Returns: account_id STRING, days LIST<LIST<INTEGER>> (day since 1970, exchanges, tokens, 1), latest first.
// READ. Starts from: constraint account_id.
UNWIND $account_ids AS account_id
MATCH (a:Account {id: account_id})
CALL (a) {
  WITH a.usage_days AS days, a.usage_requests AS requests, a.usage_tokens AS tokens
  WHERE days IS NOT NULL
  UNWIND range(0, size(days) - 1) AS at
  WITH days[at] AS day, requests[at] AS exchanges, tokens[at] AS spent
  ORDER BY day DESC
  LIMIT $limit
  RETURN collect([day, exchanges, spent, 1]) AS days
}
RETURN account_id, days
