// Appeals by id.
// Parameters: ids LIST<STRING>.
// Returns: id, account_id, takedown_id, action_id, state, opened_by, statement, decided_by, reason
//   STRING; opened_ms, decided_ms INTEGER, milliseconds since 1970; what has not come yet is null.
// READ. Starts from: constraint appeal_id.
UNWIND $ids AS asked_id
MATCH (appeal:Appeal {id: asked_id})
RETURN appeal.id AS id, appeal.account_id AS account_id, appeal.takedown_id AS takedown_id,
       appeal.action_id AS action_id, appeal.state AS state, appeal.opened_by AS opened_by,
       appeal.statement AS statement, appeal.decided_by AS decided_by, appeal.reason AS reason,
       appeal.opened_at.epochMillis AS opened_ms, appeal.decided_at.epochMillis AS decided_ms
