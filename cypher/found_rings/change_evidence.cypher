// Tell anew of evidence that rings have.
// Parameters: run_id STRING; one entry an identifier, of a ring strongest first: ring_ids, kinds, values,
//   hubs LIST<STRING>, members, accounts, digests LIST<INTEGER>, weights, ranks LIST<FLOAT>.
// Returns: nothing.
// WRITE. Starts from: index evidence_kind_value.
UNWIND range(0, size($kinds) - 1) AS n
MATCH (evidence:Evidence {kind: $kinds[n], value: $values[n]})
WHERE EXISTS { (evidence)<-[:HAS_EVIDENCE]-(:Ring {id: $ring_ids[n]}) }
SET evidence.members = $members[n],
    evidence.accounts = $accounts[n],
    evidence.hub = $hubs[n],
    evidence.weight = $weights[n],
    evidence.rank = $ranks[n],
    evidence.digest = $digests[n],
    evidence.run_id = $run_id
