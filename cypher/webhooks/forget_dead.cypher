// Take away dead letters of an endpoint, so many at the most.
// Parameters: id STRING; limit INTEGER.
// Returns: forgotten INTEGER.
// WRITE. Starts from: constraint dead_letter_endpoint_seq.
MATCH (letter:DeadLetter {endpoint_id: $id})
WITH letter LIMIT $limit
DELETE letter
RETURN count(*) AS forgotten
