// Take away dead letters of an endpoint that were delivered.
// Parameters: id STRING; seqs LIST<INTEGER>, of their actions.
// Returns: nothing.
// WRITE. Starts from: constraint dead_letter_endpoint_seq.
UNWIND $seqs AS seq
MATCH (letter:DeadLetter {endpoint_id: $id, action_seq: seq})
DELETE letter
