// Note that nothing is to be done any more for an overturned appeal.
// Parameters: id STRING.
// Returns: nothing.
// WRITE. Starts from: constraint appeal_id.
MATCH (appeal:Appeal {id: $id})
WHERE appeal.state = 'overturned'
SET appeal.settled = true
