// One page of what takedowns did to each account, the takedown planned last first.
// Parameters: account_ids LIST<STRING>; after_ms INTEGER (milliseconds since 1970) and after_id STRING
//   of the last takedown seen, or null; limit INTEGER.
// Returns: account_id STRING; targets LIST<MAP> in order, each: takedown_id STRING, planned_ms INTEGER,
//   and what takedowns/page_targets tells of one account.
// READ. Starts from: constraint account_id.
UNWIND $account_ids AS account_id
CALL (account_id) {
  MATCH (:Account {id: account_id})<-[target:TARGETS]-(t:Takedown)
  WHERE $after_ms IS NULL OR t.planned_at.epochMillis < $after_ms
    OR (t.planned_at.epochMillis = $after_ms AND t.id > $after_id)
  WITH target, t ORDER BY t.planned_at DESC, t.id LIMIT $limit
  RETURN collect(target {
    .takedown_id, .account_id, .role, .state, .hold, .previous_standing, .undone_because, .sole_kind,
    .sole_value, .receipt, .receipt_reason, .strength, .wave, .requests, .review_because,
    planned_ms: t.planned_at.epochMillis,
    acted_ms: target.acted_at.epochMillis, undone_ms: target.undone_at.epochMillis,
    receipt_ms: target.receipt_at.epochMillis
  }) AS targets
}
RETURN account_id, targets
