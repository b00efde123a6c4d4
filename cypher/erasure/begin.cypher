// Enter that accounts are being erased: their hashes, for good, and a receipt each.
// Parameters, one entry an account, sorted by id: ids, hashes, receipt_ids LIST<STRING>. Beside them:
//   by, reason, key_id (of the secret of the hashes) STRING; at_ms INTEGER, milliseconds since 1970.
// Returns: nothing.
// WRITE. Starts from: constraints erased_hash, erasure_receipt_id and account_id.
UNWIND range(0, size($ids) - 1) AS n
MERGE (e:Erased {hash: $hashes[n]})
ON CREATE SET e.at = datetime.fromEpochMillis($at_ms), e.key_id = $key_id
MERGE (r:ErasureReceipt {id: $receipt_ids[n]})
ON CREATE SET
  r.account_hash = $hashes[n],
  r.by = $by,
  r.reason = $reason,
  r.begun_at = datetime.fromEpochMillis($at_ms)
WITH n
MATCH (a:Account {id: $ids[n]})
SET a.erasing_since = coalesce(a.erasing_since, datetime.fromEpochMillis($at_ms))
