// Keep a new endpoint of webhooks; it is told what comes after its cursor.
// Parameters: id, url, created_by STRING; secrets LIST<STRING>, sealed; batch INTEGER; cursor INTEGER
//   or null, for the last action there is; created_at ZONED DATETIME.
// Returns: cursor INTEGER.
// WRITE. Starts from: constraint webhook_endpoint_id.
OPTIONAL MATCH (desk:TakedownDesk {name: 'actions'})
MERGE (endpoint:WebhookEndpoint {id: $id})
ON CREATE SET endpoint.url = $url, endpoint.secrets = $secrets, endpoint.batch = $batch,
              endpoint.cursor = coalesce($cursor, desk.seq, 0),
              endpoint.created_by = $created_by, endpoint.created_at = $created_at
RETURN endpoint.cursor AS cursor
