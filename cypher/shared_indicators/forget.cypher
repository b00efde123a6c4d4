// Forget a batch of what holds no more at a moment.
// Parameters: at ZONED DATETIME; limit INTEGER, how many at the most.
// Returns: forgotten INTEGER.
// WRITE. Starts from: index shared_indicator_valid_until.
MATCH (i:SharedIndicator)
WHERE i.valid_until <= $at
WITH i LIMIT $limit
DELETE i
RETURN count(*) AS forgotten
