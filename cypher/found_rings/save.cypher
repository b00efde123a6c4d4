// Create or meet a ring and tell what a run concluded of it; the state that people gave it stays.
// Parameters: run_id, id, operation_id, grade, tier, state, digest STRING; score FLOAT; size,
//   core_size, requests, tokens INTEGER; kinds, reason_codes, reason_texts LIST<STRING>;
//   reason_weights LIST<FLOAT>; first_signed_up_at, last_signed_up_at ZONED DATETIME or null;
//   verdict_id STRING, of the dismissal that holds for it though it was of another ring, or null.
// Returns: nothing.
// WRITE. Starts from: constraints ring_id, operation_id, verdict_id and detection_run_id.
MATCH (run:DetectionRun {id: $run_id})
MERGE (ring:Ring {id: $id})
ON CREATE SET ring.state = $state, ring.found_at = run.told_at
SET ring.state = CASE WHEN ring.state IN ['open', 'closed'] THEN $state ELSE ring.state END,
    ring.operation_id = $operation_id,
    ring.score = $score,
    ring.grade = $grade,
    ring.tier = $tier,
    ring.size = $size,
    ring.core_size = $core_size,
    ring.kinds = $kinds,
    ring.reason_codes = $reason_codes,
    ring.reason_weights = $reason_weights,
    ring.reason_texts = $reason_texts,
    ring.requests = $requests,
    ring.tokens = $tokens,
    ring.first_signed_up_at = $first_signed_up_at,
    ring.last_signed_up_at = $last_signed_up_at,
    ring.updated_at = run.told_at,
    ring.digest = $digest,
    ring.run_id = $run_id
REMOVE ring.dormant_since
MERGE (operation:Operation {id: $operation_id})
MERGE (ring)-[:PART_OF]->(operation)
MERGE (run)-[:FOUND]->(ring)
WITH ring
MATCH (verdict:Verdict {id: $verdict_id})
MERGE (verdict)-[:HOLDS_FOR]->(ring)
