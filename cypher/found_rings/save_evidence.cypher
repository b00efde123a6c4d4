// Add evidence of rings that they do not have.
// Parameters: run_id STRING; one entry an identifier, of a ring strongest first: ring_ids, kinds, values,
//   hubs LIST<STRING>, members, accounts, digests LIST<INTEGER>, weights, ranks LIST<FLOAT>.
// Returns: nothing.
// WRITE. Starts from: constraint ring_id.
UNWIND range(0, size($kinds) - 1) AS n
MATCH (ring:Ring {id: $ring_ids[n]})
CREATE (ring)-[:HAS_EVIDENCE]->(:Evidence {
  kind: $kinds[n],
  value: $values[n],
  members: $members[n],
  accounts: $accounts[n],
  hub: $hubs[n],
  weight: $weights[n],
  rank: $ranks[n],
  digest: $digests[n],
  run_id: $run_id
})
