// Forget identifiers whose time is over, so many at the most.
// Parameters: at ZONED DATETIME; limit INTEGER.
// Returns: forgotten INTEGER, how many went.
// WRITE. Starts from: index tombstone_expires_at.
MATCH (t:Tombstone)
WHERE t.expires_at <= $at
WITH t LIMIT $limit
DELETE t
RETURN count(*) AS forgotten
