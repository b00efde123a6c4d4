// Let go of some accounts that were not acted on yet.
// Parameters: id, because STRING; account_ids LIST<STRING>; at_ms INTEGER, milliseconds since 1970.
// Returns: account_id STRING.
// WRITE. Starts from: constraint takedown_id, then index target_account.
MATCH (t:Takedown {id: $id})
SET t += {}
WITH t
UNWIND $account_ids AS account_id
MATCH ()-[target:TARGETS]->()
WHERE target.takedown_id = t.id AND target.account_id = account_id AND target.state = 'queued'
SET target.state = 'cancelled',
    target.undone_at = datetime.fromEpochMillis($at_ms),
    target.undone_because = $because
RETURN target.account_id AS account_id
