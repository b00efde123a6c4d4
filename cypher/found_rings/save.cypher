// Create or meet a ring and tell what a run concluded of it; the state that people gave it stays.
// Parameters: run_id, id, operation_id, grade, tier, digest STRING; score FLOAT; size, core_size,
//   requests, tokens INTEGER; kinds, reason_codes, reason_texts LIST<STRING>; reason_weights
//   LIST<FLOAT>; first_signed_up_at, last_signed_up_at ZONED DATETIME or null.
// Returns: nothing.
// WRITE. Starts from: constraints ring_id, operation_id and detection_run_id.
MERGE (ring:Ring {id: $id})
ON CREATE SET ring.state = 'open', ring.found_at = datetime.truncate('millisecond', datetime())
SET ring.state = CASE ring.state WHEN 'closed' THEN 'open' ELSE ring.state END,
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
    ring.updated_at = datetime.truncate('millisecond', datetime()),
    ring.digest = $digest,
    ring.run_id = $run_id
MERGE (operation:Operation {id: $operation_id})
MERGE (ring)-[:PART_OF]->(operation)
WITH ring
MATCH (run:DetectionRun {id: $run_id})
MERGE (run)-[:FOUND]->(ring)
