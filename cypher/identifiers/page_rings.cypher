// One page of the rings that each identifier is evidence of, highest score first, ties by id.
// Parameters: kinds, values LIST<STRING> of equal length; after_rank FLOAT (the score, negated) and after_id STRING of the last ring seen, or null; limit INTEGER.
// Returns: kind, value STRING; rings LIST<MAP {id, rank}> in order.
// READ. Starts from: index evidence_kind_value.
UNWIND range(0, size($kinds) - 1) AS at
WITH $kinds[at] AS kind, $values[at] AS value
CALL (kind, value) {
  MATCH (:Evidence {kind: kind, value: value})<-[:HAS_EVIDENCE]-(r:Ring)
  WITH DISTINCT r.id AS id, toFloat(-r.score) AS rank
  WHERE $after_rank IS NULL OR rank > $after_rank OR (rank = $after_rank AND id > $after_id)
  WITH id, rank
  ORDER BY rank, id
  LIMIT $limit
  RETURN collect({id: id, rank: rank}) AS rings
}
RETURN kind, value, rings
