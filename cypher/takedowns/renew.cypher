// Let what a takedown did hold longer.
// Parameters: id STRING; expires_ms INTEGER, milliseconds since 1970, or null: for good.
// Returns: id STRING; no row if it is not in force.
// WRITE. Starts from: constraint takedown_id.
MATCH (t:Takedown {id: $id})
SET t += {}
WITH t
WHERE t.state IN ['running', 'paused', 'stopped', 'done']
SET t.expires_at = CASE WHEN $expires_ms IS NOT NULL THEN datetime.fromEpochMillis($expires_ms) END
RETURN t.id AS id
