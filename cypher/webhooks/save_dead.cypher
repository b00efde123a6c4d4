// Make actions dead letters of an endpoint.
// Parameters: id, because, failure STRING; seqs LIST<INTEGER>, of the actions.
// Returns: nothing.
// WRITE. Starts from: constraint action_seq and constraint dead_letter_endpoint_seq.
UNWIND $seqs AS seq
MATCH (action:Action {seq: seq})
MERGE (letter:DeadLetter {endpoint_id: $id, action_seq: seq})
ON CREATE SET letter.account_id = action.account_id, letter.because = $because,
              letter.at = datetime.truncate('millisecond', datetime.realtime())
SET letter.failure = $failure
