// Keep an investigation, new or changed; its maker and its birth stay.
// Parameters: id, name, document, variables (JSON), by STRING; as_of ZONED DATETIME or null.
// Returns: investigation MAP {id, name, document, variables, as_of_ms, by, created_ms, updated_ms}.
// WRITE. Starts from: constraint investigation_id.
MERGE (i:Investigation {id: $id})
ON CREATE SET i.by = $by, i.created_at = datetime.truncate('millisecond', datetime.realtime())
SET i.name = $name,
    i.document = $document,
    i.variables = $variables,
    i.as_of = $as_of,
    i.updated_at = datetime.truncate('millisecond', datetime.realtime())
RETURN i {
  .id, .name, .document, .variables, .by, as_of_ms: i.as_of.epochMillis,
  created_ms: i.created_at.epochMillis, updated_ms: i.updated_at.epochMillis
} AS investigation
