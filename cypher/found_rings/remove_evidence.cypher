// Take away evidence of rings.
// Parameters: one entry a piece: ring_ids, kinds, values LIST<STRING>.
// Returns: nothing.
// WRITE. Starts from: index evidence_kind_value.
UNWIND range(0, size($kinds) - 1) AS n
MATCH (evidence:Evidence {kind: $kinds[n], value: $values[n]})
WHERE EXISTS { (evidence)<-[:HAS_EVIDENCE]-(:Ring {id: $ring_ids[n]}) }
DETACH DELETE evidence
