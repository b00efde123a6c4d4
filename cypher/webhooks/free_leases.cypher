// Give back the leases that a deliverer has.
// Parameters: holder STRING.
// Returns: nothing.
// WRITE. Starts from: the label WebhookEndpoint, a few nodes.
MATCH (endpoint:WebhookEndpoint)
WHERE endpoint.holder = $holder
SET endpoint += {}
WITH endpoint
WHERE endpoint.holder = $holder
REMOVE endpoint.holder, endpoint.lease_until
