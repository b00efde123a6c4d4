// Exchanges and tokens of each account up to the end of a day; all in one row.
// Parameters: account_ids LIST<STRING>; day INTEGER, days since 1970 in UTC.
// Returns: accounts LIST<LIST>, each: account_id STRING, requests, tokens INTEGER; those that used
//   nothing are left out.
// READ. Starts from: constraint account_id.
UNWIND $account_ids AS account_id
MATCH (a:Account {id: account_id})
WHERE a.usage_days IS NOT NULL
WITH account_id, a, [at IN range(0, size(a.usage_days) - 1) WHERE a.usage_days[at] <= $day] AS places
RETURN collect([
  account_id,
  reduce(total = 0, at IN places | total + a.usage_requests[at]),
  reduce(total = 0, at IN places | total + a.usage_tokens[at])
]) AS accounts
