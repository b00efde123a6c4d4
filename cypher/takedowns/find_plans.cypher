// What takedowns that were not started yet would do.
// Parameters: ids LIST<STRING>.
// Returns: id STRING, plan BYTES; no row where there is none, or the takedown was started or given up.
// READ. Starts from: constraint takedown_id.
UNWIND $ids AS id
MATCH (t:Takedown {id: id})
WHERE t.plan IS NOT NULL
RETURN t.id AS id, t.plan AS plan
