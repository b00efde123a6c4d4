// Take an endpoint away.
// Parameters: id STRING.
// Returns: id STRING; no row if there is no such endpoint.
// WRITE. Starts from: constraint webhook_endpoint_id.
MATCH (endpoint:WebhookEndpoint {id: $id})
WITH endpoint, endpoint.id AS id
DELETE endpoint
RETURN id
