// One page of the rings of each operation that are not closed, highest score first, ties by id.
// Parameters: operation_ids LIST<STRING>; after_rank FLOAT (the score, negated) and after_id STRING of the last ring seen, or null; limit INTEGER.
// Returns: operation_id STRING, rings LIST<MAP {id, rank}> in order.
// READ. Starts from: constraint operation_id.
UNWIND $operation_ids AS operation_id
MATCH (o:Operation {id: operation_id})
CALL (o) {
  MATCH (r:Ring)-[:PART_OF]->(o)
  WHERE r.state <> 'closed'
  WITH r.id AS id, toFloat(-r.score) AS rank
  WHERE $after_rank IS NULL OR rank > $after_rank OR (rank = $after_rank AND id > $after_id)
  WITH id, rank
  ORDER BY rank, id
  LIMIT $limit
  RETURN collect({id: id, rank: rank}) AS rings
}
RETURN operation_id, rings
