// Add a batch's paid amounts to their accounts, a property a currency; a sum stops at 2^63 - 1.
// Parameters, one entry an account and currency, sorted by both: ids LIST<STRING>,
//   properties LIST<STRING> such as paid_minor_USD, amounts_minor LIST<INTEGER>. The transaction
//   holds the accounts' locks.
// Returns: nothing.
// WRITE. Starts from: constraint account_id.
UNWIND range(0, size($ids) - 1) AS n
MATCH (a:Account {id: $ids[n]})
WITH a, $properties[n] AS property, $amounts_minor[n] AS amount
SET a[property] = CASE
  WHEN a[property] > 9223372036854775807 - amount THEN 9223372036854775807
  ELSE coalesce(a[property], 0) + amount END
