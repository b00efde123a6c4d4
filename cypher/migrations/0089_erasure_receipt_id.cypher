// A receipt is found by its id, and exists once.
CREATE CONSTRAINT erasure_receipt_id IF NOT EXISTS FOR (r:ErasureReceipt) REQUIRE r.id IS UNIQUE
