// Create or meet rings and tell what a run concluded of them; the state that people gave one stays.
// Parameters: run_id STRING; rings LIST<MAP {id, state STRING; verdict_id STRING, of the dismissal that
//   holds for it though it was of another ring, or null; figures MAP {operation_id, grade, tier, digest,
//   members_digest, evidence_digest STRING; score FLOAT; size, core_size, requests, tokens INTEGER;
//   kinds, reason_codes, reason_texts LIST<STRING>; reason_weights LIST<FLOAT>; first_signed_up_at,
//   last_signed_up_at ZONED DATETIME or null}}>.
// Returns: nothing.
// WRITE. Starts from: constraints ring_id, operation_id, verdict_id and detection_run_id.
MATCH (run:DetectionRun {id: $run_id})
UNWIND $rings AS told
MERGE (ring:Ring {id: told.id})
ON CREATE SET ring.state = told.state, ring.found_at = run.told_at
SET ring.state = CASE WHEN ring.state IN ['open', 'closed'] THEN told.state ELSE ring.state END,
    ring += told.figures,
    ring.updated_at = run.told_at,
    ring.run_id = $run_id
REMOVE ring.dormant_since
MERGE (operation:Operation {id: told.figures.operation_id})
MERGE (ring)-[:PART_OF]->(operation)
MERGE (run)-[:FOUND]->(ring)
WITH ring, told
MATCH (verdict:Verdict {id: told.verdict_id})
MERGE (verdict)-[:HOLDS_FOR]->(ring)
