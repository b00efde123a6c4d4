// Overturned appeals whose accounts may not be undone yet.
// Parameters: limit INTEGER.
// Returns: id, account_id, takedown_id, decided_by STRING.
// READ. Starts from: index appeal_state.
MATCH (appeal:Appeal {state: 'overturned', settled: false})
RETURN appeal.id AS id, appeal.account_id AS account_id, appeal.takedown_id AS takedown_id,
       appeal.decided_by AS decided_by
ORDER BY id
LIMIT $limit
