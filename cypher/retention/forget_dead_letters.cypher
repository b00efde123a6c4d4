// Forget what could not be delivered since before a moment, so many at the most; the action itself has
// a time of its own.
// Parameters: before ZONED DATETIME; limit INTEGER.
// Returns: gone INTEGER, how many went.
// WRITE. Starts from: the label DeadLetter; those that wait are few.
MATCH (d:DeadLetter)
WHERE d.at < $before
WITH d LIMIT $limit
DETACH DELETE d
RETURN count(*) AS gone
