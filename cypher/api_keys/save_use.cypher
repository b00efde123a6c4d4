// Remember that an API key was used, never backwards.
// Parameters: id STRING; at ZONED DATETIME.
// Returns: nothing.
// WRITE. Starts from: constraint api_key_id.
MATCH (key:ApiKey {id: $id})
WHERE coalesce(key.last_used_at < $at, true)
SET key.last_used_at = $at
