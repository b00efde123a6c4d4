// Close a ring that a run no longer finds, unless people have judged it: its evidence goes, and its
// members are members no more, only remembered, so that it comes back under its id.
// Parameters: run_id, ring_id STRING.
// Returns: closed INTEGER, 1 or 0.
// WRITE. Starts from: constraint ring_id.
MATCH (ring:Ring {id: $ring_id})
SET ring += {}
WITH ring
WHERE ring.state = 'open'
SET ring.state = 'closed',
    ring.run_id = $run_id,
    ring.updated_at = datetime.truncate('millisecond', datetime())
REMOVE ring.digest
WITH ring
CALL (ring) {
  MATCH (account:Account)-[member:MEMBER_OF]->(ring)
  CREATE (account)-[:WAS_MEMBER_OF {strength: member.strength}]->(ring)
  DELETE member
}
CALL (ring) {
  MATCH (ring)-[:HAS_EVIDENCE]->(evidence:Evidence)
  DETACH DELETE evidence
}
RETURN count(ring) AS closed
