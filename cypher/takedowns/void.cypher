// Give up a plan that was not started.
// Parameters: id, because STRING; at_ms INTEGER, milliseconds since 1970.
// Returns: id STRING; no row if it is not waiting.
// WRITE. Starts from: constraint takedown_id.
MATCH (t:Takedown {id: $id})
SET t += {}
WITH t
WHERE t.state IN ['planned', 'approved']
SET t.state = 'void', t.because = $because, t.ended_at = datetime.fromEpochMillis($at_ms)
REMOVE t.plan
RETURN t.id AS id
