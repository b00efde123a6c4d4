// What is there of accounts that are to be erased; each account is locked, so that no hold is placed
// meanwhile.
// Parameters, one entry an account, sorted by id: ids, hashes LIST<STRING>.
// Returns: id STRING; known BOOLEAN, whether there is anything; email STRING or null; alike INTEGER,
//   accounts with the same e-mail address; receipt_id STRING, of an erasure that was begun and not
//   finished, or null.
// WRITE, of locks alone. Starts from: constraint account_id and indexes screening_account and
//   erasure_receipt_hash.
UNWIND range(0, size($ids) - 1) AS n
OPTIONAL MATCH (a:Account {id: $ids[n]})
SET a += {}
WITH n, a, $ids[n] AS id
OPTIONAL MATCH (open:ErasureReceipt {account_hash: $hashes[n]})
WHERE open.finished_at IS NULL
WITH id, a, head(collect(open.id)) AS receipt_id
RETURN id, a IS NOT NULL OR EXISTS {
         MATCH (s:Screening {account_id: id}) WHERE s.at IS NOT NULL AND s.id IS NOT NULL
       } AS known, a.email AS email,
       CASE WHEN a.email IS NULL THEN 0 ELSE COUNT { (:Account {email: a.email}) } END AS alike,
       receipt_id
