// How many rings each identifier is evidence of.
// Parameters: kinds, values LIST<STRING> of equal length.
// Returns: kind, value STRING; rings INTEGER.
// READ. Starts from: index evidence_kind_value.
UNWIND range(0, size($kinds) - 1) AS at
WITH $kinds[at] AS kind, $values[at] AS value
CALL (kind, value) {
  MATCH (:Evidence {kind: kind, value: value})<-[:HAS_EVIDENCE]-(r:Ring)
  RETURN count(DISTINCT r) AS rings
}
RETURN kind, value, rings
