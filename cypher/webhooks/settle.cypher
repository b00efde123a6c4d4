// Be done with the message at hand for an endpoint, delivered or not, and move its cursor on.
// Parameters: id, holder STRING; seqs LIST<INTEGER>, of the message; failure STRING, what its last try
//   met, or null where it was delivered.
// Returns: replay BOOLEAN, whether its actions were dead letters; no row if it is settled already or
//   another deliverer has the endpoint.
// WRITE. Starts from: constraint webhook_endpoint_id.
MATCH (endpoint:WebhookEndpoint {id: $id})
SET endpoint.asked_at = datetime.realtime()
WITH endpoint, endpoint.seqs_replay AS replay
WHERE endpoint.holder = $holder AND endpoint.seqs = $seqs
SET endpoint.cursor = CASE
      WHEN endpoint.seqs_upto > endpoint.cursor THEN endpoint.seqs_upto ELSE endpoint.cursor END,
    endpoint.delivered_at = CASE
      WHEN $failure IS NULL AND size($seqs) > 0 THEN endpoint.asked_at ELSE endpoint.delivered_at END,
    endpoint.last_failure = $failure
REMOVE endpoint.seqs, endpoint.seqs_upto, endpoint.seqs_replay, endpoint.tries, endpoint.retry_at
RETURN replay
