// Add evidence of a ring, as one run found it.
// Parameters: run_id, ring_id STRING; one entry an identifier, strongest first: kinds, values, hubs
//   LIST<STRING>, members, accounts, ranks LIST<INTEGER>, weights LIST<FLOAT>.
// Returns: nothing.
// WRITE. Starts from: constraint ring_id.
MATCH (ring:Ring {id: $ring_id})
UNWIND range(0, size($kinds) - 1) AS n
CREATE (ring)-[:HAS_EVIDENCE]->(:Evidence {
  kind: $kinds[n],
  value: $values[n],
  members: $members[n],
  accounts: $accounts[n],
  hub: $hubs[n],
  weight: $weights[n],
  rank: $ranks[n],
  run_id: $run_id
})
