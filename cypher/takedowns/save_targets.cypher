// Tell a takedown its accounts, each once.
// Parameters: takedown_id STRING; one entry an account: account_ids, roles, states, previous_standings
//   LIST<STRING>, holds, sole_kinds, sole_values LIST<STRING or null>, strengths LIST<FLOAT>, requests,
//   waves, places LIST<INTEGER>.
// Returns: targets INTEGER, how many were written; fewer than asked for if an account is gone.
// WRITE. Starts from: constraints takedown_id and account_id.
MATCH (t:Takedown {id: $takedown_id})
UNWIND range(0, size($account_ids) - 1) AS n
MATCH (a:Account {id: $account_ids[n]})
MERGE (t)-[target:TARGETS]->(a)
ON CREATE SET
  target.takedown_id = $takedown_id,
  target.account_id = a.id,
  target.role = $roles[n],
  target.state = $states[n],
  target.hold = $holds[n],
  target.strength = $strengths[n],
  target.requests = $requests[n],
  target.previous_standing = $previous_standings[n],
  target.sole_kind = $sole_kinds[n],
  target.sole_value = $sole_values[n],
  target.wave = $waves[n],
  target.place = $places[n]
RETURN count(target) AS targets
