// The receipts of an account are found by the keyed hash of its id.
CREATE INDEX erasure_receipt_hash IF NOT EXISTS FOR (r:ErasureReceipt) ON (r.account_hash)
