// Ask for the dead letters of an endpoint to be sent again.
// Parameters: id STRING.
// Returns: id STRING; no row if there is no such endpoint, or it has none.
// WRITE. Starts from: constraint webhook_endpoint_id.
MATCH (endpoint:WebhookEndpoint {id: $id})
SET endpoint += {}
WITH endpoint
WHERE EXISTS { MATCH (:DeadLetter {endpoint_id: $id}) }
SET endpoint.replaying = true
RETURN endpoint.id AS id
