// Whether there is a takedown.
// Parameters: takedown_id STRING.
// Returns: id STRING; no row if there is none.
// READ. Starts from: constraint takedown_id.
MATCH (takedown:Takedown {id: $takedown_id})
RETURN takedown.id AS id
