// Forget what peers told and whose time was over before a moment, so many at the most.
// Parameters: before ZONED DATETIME; limit INTEGER.
// Returns: gone INTEGER, how many went.
// WRITE. Starts from: the label SharedIndicator.
MATCH (s:SharedIndicator)
WHERE s.valid_until < $before
WITH s LIMIT $limit
DETACH DELETE s
RETURN count(*) AS gone
