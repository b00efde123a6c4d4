// Endpoints that something is to be sent to, and which of them a deliverer may serve now.
// Parameters: holder STRING, the deliverer.
// Returns: id STRING; due BOOLEAN: not if it waits to be tried again, or another one serves it.
// READ. Starts from: the label WebhookEndpoint, a few nodes.
MATCH (endpoint:WebhookEndpoint)
WHERE endpoint.disabled_because IS NULL
OPTIONAL MATCH (desk:TakedownDesk {name: 'actions'})
WITH endpoint, coalesce(desk.seq, 0) AS last, datetime.realtime() AS now
WHERE endpoint.cursor < last OR endpoint.seqs IS NOT NULL OR endpoint.replaying
RETURN endpoint.id AS id,
       coalesce(endpoint.retry_at <= now, true)
         AND coalesce(endpoint.holder = $holder OR endpoint.lease_until < now, true) AS due
ORDER BY id
