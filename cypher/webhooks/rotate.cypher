// Give an endpoint a new secret; the one that was its newest goes on until a moment.
// Parameters: id, secret STRING, sealed; until ZONED DATETIME.
// Returns: id STRING; no row if there is no such endpoint.
// WRITE. Starts from: constraint webhook_endpoint_id.
MATCH (endpoint:WebhookEndpoint {id: $id})
SET endpoint += {}
SET endpoint.secrets = [$secret] + endpoint.secrets[0..1], endpoint.old_secret_until = $until
RETURN endpoint.id AS id
