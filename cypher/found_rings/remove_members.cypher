// End memberships of rings; who they were is remembered.
// Parameters: run_id STRING; one entry a member: ring_ids, account_ids LIST<STRING>.
// Returns: nothing.
// WRITE. Starts from: constraints ring_id, account_id and detection_run_id.
MATCH (run:DetectionRun {id: $run_id})
UNWIND range(0, size($account_ids) - 1) AS n
MATCH (ring:Ring {id: $ring_ids[n]})
MATCH (account:Account {id: $account_ids[n]})
MATCH (account)-[left:MEMBER_OF]->(ring)
CREATE (account)-[was:WAS_MEMBER_OF]->(ring)
SET was = properties(left), was.until = run.told_at
DELETE left
