// Put rings to rest that a run no longer finds. Unless people have judged it, each is closed: its
// evidence goes, and its members are members no more, only remembered, so that it comes back under
// its id.
// Parameters: run_id STRING; ring_ids LIST<STRING>.
// Returns: closed INTEGER, how many were.
// WRITE. Starts from: constraints ring_id and detection_run_id.
MATCH (run:DetectionRun {id: $run_id})
UNWIND $ring_ids AS ring_id
MATCH (ring:Ring {id: ring_id})
SET ring.dormant_since = coalesce(ring.dormant_since, run.told_at)
WITH ring, run
WHERE ring.state = 'open'
SET ring.state = 'closed',
    ring.run_id = $run_id,
    ring.updated_at = run.told_at
REMOVE ring.digest, ring.members_digest, ring.evidence_digest
WITH ring, run
CALL (ring, run) {
  MATCH (account:Account)-[member:MEMBER_OF]->(ring)
  CREATE (account)-[was:WAS_MEMBER_OF]->(ring)
  SET was = properties(member), was.until = run.told_at
  DELETE member
}
CALL (ring) {
  MATCH (ring)-[:HAS_EVIDENCE]->(evidence:Evidence)
  DETACH DELETE evidence
}
RETURN count(ring) AS closed
