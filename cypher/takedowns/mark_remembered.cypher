// Note that the ring of a takedown is remembered, so that it is known when it returns.
// Parameters: id STRING; at_ms INTEGER, milliseconds since 1970.
// Returns: nothing.
// WRITE. Starts from: constraint takedown_id.
MATCH (t:Takedown {id: $id})
SET t.remembered_at = datetime.fromEpochMillis($at_ms)
