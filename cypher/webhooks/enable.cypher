// Let messages be sent to an endpoint again, beginning with the one at hand, at once.
// Parameters: id STRING.
// Returns: id STRING; no row if there is no such endpoint, or it is not disabled.
// WRITE. Starts from: constraint webhook_endpoint_id.
MATCH (endpoint:WebhookEndpoint {id: $id})
SET endpoint += {}
WITH endpoint
WHERE endpoint.disabled_because IS NOT NULL
REMOVE endpoint.disabled_because, endpoint.disabled_at, endpoint.retry_at, endpoint.tries
RETURN endpoint.id AS id
