// Create or meet memberships of rings; one whose role changes ends, and begins anew.
// Parameters: run_id STRING; one entry a member, of a ring sorted by account id: ring_ids, account_ids,
//   roles, joined_because LIST<STRING>, strengths LIST<FLOAT>, because_kinds, because_values
//   LIST<LIST<STRING>>, digests LIST<INTEGER>.
// Returns: members INTEGER, how many were written; fewer than asked for if an account is gone.
// WRITE. Starts from: constraints ring_id, detection_run_id and account_id.
MATCH (run:DetectionRun {id: $run_id})
UNWIND range(0, size($account_ids) - 1) AS n
MATCH (ring:Ring {id: $ring_ids[n]})
MATCH (account:Account {id: $account_ids[n]})
MERGE (account)-[member:MEMBER_OF]->(ring)
ON CREATE SET member.since = run.told_at, member.ring_id = ring.id, member.account_id = account.id
FOREACH (_ IN CASE WHEN member.role <> $roles[n] AND member.since < run.told_at THEN [1] ELSE [] END |
  CREATE (account)-[was:WAS_MEMBER_OF]->(ring)
  SET was = properties(member), was.until = run.told_at, member.since = run.told_at
)
SET member.role = $roles[n],
    member.strength = $strengths[n],
    member.rank = 0.0 - $strengths[n],
    member.because_kinds = $because_kinds[n],
    member.because_values = $because_values[n],
    member.joined_because = $joined_because[n],
    member.digest = $digests[n],
    member.run_id = $run_id
RETURN count(member) AS members
