// The next actions for an endpoint, in order, and which of them stand behind a dead letter.
// Parameters: id STRING; after, limit INTEGER.
// Returns: seq INTEGER; closed BOOLEAN, whether the account has a dead letter at the endpoint.
// READ. Starts from: constraint action_seq.
MATCH (action:Action)
WHERE action.seq > $after
WITH action ORDER BY action.seq LIMIT $limit
RETURN action.seq AS seq,
       EXISTS { MATCH (:DeadLetter {endpoint_id: $id, account_id: action.account_id}) } AS closed
ORDER BY seq
