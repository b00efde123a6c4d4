// End an API key at once, unless it is ended already.
// Parameters: id STRING; now ZONED DATETIME.
// Returns: id STRING; no row if there is no such key or it was revoked before.
// WRITE. Starts from: constraint api_key_id.
MATCH (key:ApiKey {id: $id})
SET key += {}
WITH key
WHERE key.revoked_at IS NULL
SET key.revoked_at = $now
RETURN key.id AS id
