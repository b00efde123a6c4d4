// One API key by its id.
// Parameters: id STRING.
// Returns: id, name, hash STRING; owner STRING, empty where nobody told it; scopes LIST<STRING>;
//   created_ms, expires_ms, last_used_ms, revoked_ms INTEGER since 1970, the last three or null.
// READ. Starts from: constraint api_key_id.
MATCH (key:ApiKey {id: $id})
RETURN key.id AS id, key.name AS name, key.hash AS hash, key.scopes AS scopes,
       coalesce(key.owner, '') AS owner,
       key.created_at.epochMillis AS created_ms, key.expires_at.epochMillis AS expires_ms,
       key.last_used_at.epochMillis AS last_used_ms, key.revoked_at.epochMillis AS revoked_ms
