// What a takedown that was not started yet would do.
// Parameters: id STRING.
// Returns: plan BYTES; no row where there is none or it was started.
// READ. Starts from: constraint takedown_id.
MATCH (t:Takedown {id: $id})
WHERE t.plan IS NOT NULL
RETURN t.plan AS plan
