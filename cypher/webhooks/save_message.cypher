// Put a message at hand for an endpoint: it stays as it is, whoever sends it, until it is settled.
// Parameters: id STRING; seqs LIST<INTEGER>; upto INTEGER, the cursor once it is settled; replay
//   BOOLEAN, whether its actions were dead letters.
// Returns: nothing.
// WRITE. Starts from: constraint webhook_endpoint_id.
MATCH (endpoint:WebhookEndpoint {id: $id})
SET endpoint.seqs = $seqs, endpoint.seqs_upto = $upto, endpoint.seqs_replay = $replay
