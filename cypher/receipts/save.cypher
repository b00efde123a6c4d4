// Write receipts on the targets of a takedown; one of an earlier action than that of the receipt that
// is there changes nothing. Setting nothing locks each target before it is read.
// Parameters: takedown_id STRING; at ZONED DATETIME; account_ids, outcomes LIST<STRING>, reasons
//   LIST<STRING or null>, seqs LIST<INTEGER>, of each receipt, one an account.
// Returns: account_id STRING; fate STRING, recorded, unchanged or superseded; no row for an account
//   that is no target.
// WRITE. Starts from: constraint account_id; an account is the target of few takedowns.
UNWIND range(0, size($account_ids) - 1) AS n
MATCH (:Account {id: $account_ids[n]})<-[target:TARGETS {takedown_id: $takedown_id}]-(:Takedown)
SET target += {}
WITH target, n, CASE
    WHEN target.receipt_seq > $seqs[n] THEN 'superseded'
    WHEN target.receipt_seq = $seqs[n] AND target.receipt = $outcomes[n]
      AND coalesce(target.receipt_reason, '') = coalesce($reasons[n], '') THEN 'unchanged'
    ELSE 'recorded' END AS fate
FOREACH (_ IN CASE WHEN fate = 'recorded' THEN [1] ELSE [] END |
  SET target.receipt = $outcomes[n], target.receipt_reason = $reasons[n],
      target.receipt_at = $at, target.receipt_seq = $seqs[n])
RETURN target.account_id AS account_id, fate
