// How far each webhook endpoint is behind the actions that there are.
// Parameters: limit INTEGER, of endpoints.
// Returns: id STRING; waiting INTEGER, actions that it was not told of; oldest_ms INTEGER, when the
//   first of these was recorded, milliseconds since 1970, or null; dead INTEGER, its dead letters;
//   disabled BOOLEAN.
// READ. Starts from: the label WebhookEndpoint, a few nodes; then constraints action_seq and
//   dead_letter_endpoint_seq.
MATCH (endpoint:WebhookEndpoint)
WITH endpoint ORDER BY endpoint.id LIMIT $limit
OPTIONAL MATCH (desk:TakedownDesk {name: 'actions'})
WITH endpoint, endpoint.cursor AS cursor, coalesce(desk.seq, 0) AS last
CALL (cursor) {
  OPTIONAL MATCH (a:Action)
  WHERE a.seq > cursor
  RETURN a.at.epochMillis AS oldest_ms
  ORDER BY a.seq
  LIMIT 1
}
RETURN endpoint.id AS id, last - cursor AS waiting, oldest_ms,
       COUNT { (:DeadLetter {endpoint_id: endpoint.id}) } AS dead,
       endpoint.disabled_because IS NOT NULL AS disabled
ORDER BY id
