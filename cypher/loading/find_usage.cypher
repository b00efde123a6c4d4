// What accounts have used so far, by day, in columns.
// Parameters: ids LIST<STRING>.
// Returns one row: ids LIST<STRING>; days, requests, tokens LIST<LIST<INTEGER>>, by day and of equal
//   length an account; only accounts that have used anything.
// READ. Starts from: constraint account_id.
UNWIND $ids AS id
MATCH (a:Account {id: id})
WHERE a.usage_days IS NOT NULL
RETURN collect(id) AS ids, collect(a.usage_days) AS days, collect(a.usage_requests) AS requests,
  collect(a.usage_tokens) AS tokens
