// Let a living API key end at a moment, or earlier if that was set already.
// Parameters: id STRING; now, at ZONED DATETIME.
// Returns: id STRING; no row if there is no such key or it has ended.
// WRITE. Starts from: constraint api_key_id.
MATCH (key:ApiKey {id: $id})
SET key += {}
WITH key
WHERE key.revoked_at IS NULL AND coalesce(key.expires_at > $now, true)
SET key.expires_at = CASE WHEN key.expires_at < $at THEN key.expires_at ELSE $at END
RETURN key.id AS id
