// A page of the accounts of a takedown, by account id.
// Parameters: id STRING; states LIST<STRING> or null; after_id STRING of the last one seen, '' at first;
//   limit INTEGER.
// Returns: account_id, role, state, hold, previous_standing, undone_because, sole_kind, sole_value,
//   receipt, receipt_reason STRING or null; strength FLOAT; wave, requests, acted_ms, undone_ms,
//   receipt_ms INTEGER or null; review_because STRING or null.
// READ. Starts from: index target_account.
MATCH ()-[target:TARGETS]->()
USING INDEX SEEK target:TARGETS(takedown_id, account_id)
WHERE target.takedown_id = $id AND target.account_id > $after_id
  AND ($states IS NULL OR target.state IN $states)
WITH target
ORDER BY target.takedown_id, target.account_id
LIMIT $limit
RETURN target.account_id AS account_id, target.role AS role, target.state AS state,
       target.hold AS hold, target.previous_standing AS previous_standing,
       target.undone_because AS undone_because, target.sole_kind AS sole_kind,
       target.sole_value AS sole_value, target.receipt AS receipt,
       target.receipt_reason AS receipt_reason, target.strength AS strength, target.wave AS wave,
       target.requests AS requests, target.acted_at.epochMillis AS acted_ms,
       target.undone_at.epochMillis AS undone_ms, target.receipt_at.epochMillis AS receipt_ms,
       target.review_because AS review_because
