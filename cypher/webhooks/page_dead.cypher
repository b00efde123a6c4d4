// Dead letters of an endpoint after a number, in order.
// Parameters: id STRING; after, limit INTEGER.
// Returns: action_seq, at_ms INTEGER; account_id, because, failure STRING.
// READ. Starts from: constraint dead_letter_endpoint_seq, in its order.
MATCH (letter:DeadLetter {endpoint_id: $id})
WHERE letter.action_seq > $after
RETURN letter.action_seq AS action_seq, letter.account_id AS account_id,
       letter.because AS because, letter.failure AS failure, letter.at.epochMillis AS at_ms
ORDER BY letter.endpoint_id, letter.action_seq
LIMIT $limit
