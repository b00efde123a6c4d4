// A page of the accounts of each takedown, by account id.
// Parameters: takedown_ids LIST<STRING>; states LIST<STRING> or null; for_review BOOLEAN, only those that
//   somebody should look at again; after_id STRING of the last account seen, '' at first; limit INTEGER.
// Returns: takedown_id STRING; targets LIST<MAP> in order, each: account_id, role, state, hold,
//   previous_standing, undone_because, sole_kind, sole_value, receipt, receipt_reason, review_because
//   STRING or null; strength FLOAT; wave, requests, acted_ms, undone_ms, receipt_ms INTEGER or null.
// READ. Starts from: index target_account.
UNWIND $takedown_ids AS takedown_id
CALL (takedown_id) {
  MATCH ()-[target:TARGETS]->()
  USING INDEX SEEK target:TARGETS(takedown_id, account_id)
  WHERE target.takedown_id = takedown_id AND target.account_id > $after_id
    AND ($states IS NULL OR target.state IN $states)
    AND (NOT $for_review OR target.review_because IS NOT NULL)
  WITH target
  ORDER BY target.takedown_id, target.account_id
  LIMIT $limit
  RETURN collect(target {
    .account_id, .role, .state, .hold, .previous_standing, .undone_because, .sole_kind, .sole_value,
    .receipt, .receipt_reason, .strength, .wave, .requests, .review_because,
    acted_ms: target.acted_at.epochMillis, undone_ms: target.undone_at.epochMillis,
    receipt_ms: target.receipt_at.epochMillis
  }) AS targets
}
RETURN takedown_id, targets
