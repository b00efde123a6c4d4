// Remember that the message at hand for an endpoint failed, and when to try it again.
// Parameters: id, holder, failure STRING; seqs LIST<INTEGER>, of the message; delay_s FLOAT.
// Returns: tries INTEGER; no row if it is settled already or another deliverer has the endpoint.
// WRITE. Starts from: constraint webhook_endpoint_id.
MATCH (endpoint:WebhookEndpoint {id: $id})
SET endpoint.asked_at = datetime.realtime()
WITH endpoint
WHERE endpoint.holder = $holder AND endpoint.seqs = $seqs
SET endpoint.tries = coalesce(endpoint.tries, 0) + 1, endpoint.last_failure = $failure,
    endpoint.retry_at = endpoint.asked_at
      + duration({milliseconds: toInteger($delay_s * 1000)})
RETURN endpoint.tries AS tries
