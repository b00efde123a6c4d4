// Send no more to an endpoint, and keep what is at hand and what comes for it.
// Parameters: id, because STRING.
// Returns: id STRING; no row if there is no such endpoint, or it is disabled already.
// WRITE. Starts from: constraint webhook_endpoint_id.
MATCH (endpoint:WebhookEndpoint {id: $id})
SET endpoint += {}
WITH endpoint
WHERE endpoint.disabled_because IS NULL
SET endpoint.disabled_because = $because, endpoint.disabled_at = datetime.realtime()
REMOVE endpoint.holder, endpoint.lease_until
RETURN endpoint.id AS id
