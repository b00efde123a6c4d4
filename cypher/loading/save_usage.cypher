// Store what accounts have used, by day and in sum.
// Parameters, one entry an account, sorted by id: ids LIST<STRING>; days, requests_by_day,
//   tokens_by_day LIST<LIST<INTEGER>>; requests, tokens LIST<INTEGER>. The transaction holds the
//   accounts' locks since before it read their usage.
// Returns: nothing.
// WRITE. Starts from: constraint account_id.
UNWIND range(0, size($ids) - 1) AS n
MATCH (a:Account {id: $ids[n]})
SET a.usage_days = $days[n],
    a.usage_requests = $requests_by_day[n],
    a.usage_tokens = $tokens_by_day[n],
    a.requests = $requests[n],
    a.tokens = $tokens[n]
