// Add to receipts what was taken away, in the transaction that takes it.
// Parameters, one entry a receipt and kind, sorted by both: receipt_ids, kinds (properties such as
//   taken_links) LIST<STRING>; counts LIST<INTEGER>.
// Returns: nothing.
// WRITE. Starts from: constraint erasure_receipt_id.
UNWIND range(0, size($receipt_ids) - 1) AS n
MATCH (r:ErasureReceipt {id: $receipt_ids[n]})
WITH r, $kinds[n] AS kind, $counts[n] AS count
SET r[kind] = coalesce(r[kind], 0) + count
