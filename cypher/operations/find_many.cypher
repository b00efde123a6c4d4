// Operations by id, with the sums of their rings that are not closed.
// Parameters: operation_ids LIST<STRING>.
// Returns: id STRING; rings, accounts, requests, tokens INTEGER; first_signed_up_ms, last_signed_up_ms INTEGER, milliseconds since 1970, or null.
// READ. Starts from: constraint operation_id.
UNWIND $operation_ids AS operation_id
MATCH (o:Operation {id: operation_id})
CALL (o) {
  OPTIONAL MATCH (r:Ring)-[:PART_OF]->(o)
  WHERE r.state <> 'closed'
  RETURN count(r) AS rings, sum(r.size) AS accounts, sum(r.requests) AS requests,
    sum(r.tokens) AS tokens, min(r.first_signed_up_at) AS first_at, max(r.last_signed_up_at) AS last_at
}
RETURN o.id AS id, rings, accounts, requests, tokens,
  first_at.epochMillis AS first_signed_up_ms, last_at.epochMillis AS last_signed_up_ms
