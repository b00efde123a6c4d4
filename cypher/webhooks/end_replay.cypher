// Send dead letters of an endpoint again no more, until that is asked for anew.
// Parameters: id STRING.
// Returns: nothing.
// WRITE. Starts from: constraint webhook_endpoint_id.
MATCH (endpoint:WebhookEndpoint {id: $id})
REMOVE endpoint.replaying
