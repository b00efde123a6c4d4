// Keep a new API key; its secret is kept as a hash alone.
// Parameters: id, name, hash, owner STRING; scopes LIST<STRING>; created_at, expires_at ZONED DATETIME
//   (expires_at may be null).
// Returns: nothing.
// WRITE. Starts from: constraint api_key_id.
CREATE (:ApiKey {
  id: $id, name: $name, hash: $hash, scopes: $scopes, created_at: $created_at,
  expires_at: $expires_at, owner: $owner
})
