// Decide an open appeal; if it is overturned, the undoing of the account is still to come.
// Parameters: id, state, by, reason STRING; at_ms INTEGER, milliseconds since 1970.
// Returns: takedown_id, takedown_state STRING; sole_kind, sole_value STRING or null, the one identifier
//   that tied the account; no row if it is decided already, or who decides planned the takedown.
// WRITE. Starts from: constraint appeal_id. The takedown is locked before the appeal.
MATCH (:Appeal {id: $id})-[:AGAINST]->(t:Takedown)
SET t += {}
WITH t
MATCH (appeal:Appeal {id: $id})
SET appeal += {}
WITH t, appeal
WHERE appeal.state = 'open' AND t.planned_by <> $by
SET appeal.state = $state,
    appeal.decided_at = datetime.fromEpochMillis($at_ms),
    appeal.decided_by = $by,
    appeal.reason = $reason,
    appeal.settled = $state = 'upheld'
WITH t, appeal
OPTIONAL MATCH (t)-[target:TARGETS]->(:Account)
WHERE target.takedown_id = t.id AND target.account_id = appeal.account_id
RETURN t.id AS takedown_id, t.state AS takedown_state, target.sole_kind AS sole_kind,
       target.sole_value AS sole_value
