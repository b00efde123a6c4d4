// Receipts by id.
// Parameters: ids LIST<STRING>.
// Returns: receipt MAP of all its properties, with begun_ms and finished_ms, milliseconds since 1970.
// READ. Starts from: constraint erasure_receipt_id.
UNWIND $ids AS id
MATCH (r:ErasureReceipt {id: id})
RETURN r {
  .*, begun_ms: r.begun_at.epochMillis, finished_ms: r.finished_at.epochMillis
} AS receipt
