// Add a batch's charges to their accounts.
// Parameters, one entry an account, sorted by id: ids LIST<STRING>; succeeded, declined, refunded,
//   disputed LIST<INTEGER>; first_paid_ms, last_paid_ms LIST<INTEGER or null>. The transaction
//   holds the accounts' locks.
// Returns: nothing.
// WRITE. Starts from: constraint account_id.
UNWIND range(0, size($ids) - 1) AS n
MATCH (a:Account {id: $ids[n]})
SET a.charges_succeeded = coalesce(a.charges_succeeded, 0) + $succeeded[n],
    a.charges_declined = coalesce(a.charges_declined, 0) + $declined[n],
    a.charges_refunded = coalesce(a.charges_refunded, 0) + $refunded[n],
    a.charges_disputed = coalesce(a.charges_disputed, 0) + $disputed[n],
    a.first_paid_at = CASE
      WHEN $first_paid_ms[n] IS NULL OR a.first_paid_at.epochMillis <= $first_paid_ms[n]
      THEN a.first_paid_at
      ELSE datetime.fromEpochMillis($first_paid_ms[n]) END,
    a.last_paid_at = CASE
      WHEN $last_paid_ms[n] IS NULL OR a.last_paid_at.epochMillis >= $last_paid_ms[n]
      THEN a.last_paid_at
      ELSE datetime.fromEpochMillis($last_paid_ms[n]) END
