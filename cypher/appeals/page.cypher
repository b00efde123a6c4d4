// A page of appeals, the latest first.
// Parameters: states LIST<STRING> or null; takedown_id STRING or null; after_ms INTEGER and after_id
//   STRING of the last one seen, or null; limit INTEGER.
// Returns: id, account_id, takedown_id, action_id, state, opened_by, statement, decided_by, reason
//   STRING; opened_ms, decided_ms INTEGER, milliseconds since 1970; what has not come yet is null.
// READ. Starts from: the label Appeal; they are few beside accounts.
MATCH (appeal:Appeal)
WHERE ($states IS NULL OR appeal.state IN $states)
  AND ($takedown_id IS NULL OR appeal.takedown_id = $takedown_id)
  AND ($after_ms IS NULL OR appeal.opened_at.epochMillis < $after_ms
    OR (appeal.opened_at.epochMillis = $after_ms AND appeal.id > $after_id))
WITH appeal ORDER BY appeal.opened_at DESC, appeal.id LIMIT $limit
RETURN appeal.id AS id, appeal.account_id AS account_id, appeal.takedown_id AS takedown_id,
       appeal.action_id AS action_id, appeal.state AS state, appeal.opened_by AS opened_by,
       appeal.statement AS statement, appeal.decided_by AS decided_by, appeal.reason AS reason,
       appeal.opened_at.epochMillis AS opened_ms, appeal.decided_at.epochMillis AS decided_ms
