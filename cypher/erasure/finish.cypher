// Finish a receipt.
// Parameters: id STRING; at_ms, audit_seq INTEGER.
// Returns: nothing.
// WRITE. Starts from: constraint erasure_receipt_id.
MATCH (r:ErasureReceipt {id: $id})
SET r.finished_at = datetime.fromEpochMillis($at_ms), r.audit_seq = $audit_seq
