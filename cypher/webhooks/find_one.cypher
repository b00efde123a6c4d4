// One endpoint of webhooks, with what waits for it.
// Parameters: id STRING.
// Returns: id, url, created_by, disabled_because,
//   last_failure STRING; secrets LIST<STRING>, sealed; batch, cursor, tries, waiting, dead INTEGER;
//   created_ms, old_secret_ms, delivered_ms, retry_ms INTEGER since 1970, the last three or null;
//   replaying BOOLEAN. disabled_because and last_failure may be null.
// READ. Starts from: constraint webhook_endpoint_id.
MATCH (endpoint:WebhookEndpoint {id: $id})
RETURN endpoint.id AS id, endpoint.url AS url, endpoint.batch AS batch,
       endpoint.cursor AS cursor, endpoint.created_by AS created_by,
       endpoint.created_at.epochMillis AS created_ms, endpoint.secrets AS secrets,
       endpoint.old_secret_until.epochMillis AS old_secret_ms,
       endpoint.disabled_because AS disabled_because,
       endpoint.delivered_at.epochMillis AS delivered_ms, coalesce(endpoint.tries, 0) AS tries,
       endpoint.retry_at.epochMillis AS retry_ms, endpoint.last_failure AS last_failure,
       coalesce(endpoint.replaying, false) AS replaying,
       COUNT { MATCH (action:Action) WHERE action.seq > endpoint.cursor } AS waiting,
       COUNT { MATCH (:DeadLetter {endpoint_id: endpoint.id}) } AS dead
