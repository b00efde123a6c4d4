// Tell what happened to rings in a run, with the figures that each has now; once a run and kind.
// Parameters: run_id STRING; events LIST<MAP {ring_id, kind STRING, size_before, size_after, added,
//   removed INTEGER, other_ring_ids LIST<STRING>}>.
// Returns: nothing.
// WRITE. Starts from: constraints ring_id, detection_run_id and ring_event_run_ring_kind.
MATCH (run:DetectionRun {id: $run_id})
UNWIND $events AS told
MATCH (ring:Ring {id: told.ring_id})
SET ring.told_score = ring.score
MERGE (event:RingEvent {run_id: $run_id, ring_id: told.ring_id, kind: told.kind})
SET event += ring {
      .operation_id, .score, .grade, .tier, .state, .size, .core_size, .kinds, .reason_codes,
      .reason_weights, .reason_texts, .requests, .tokens, .first_signed_up_at, .last_signed_up_at
    },
    event += told,
    event.at = run.told_at
MERGE (ring)-[:HAS_EVENT]->(event)
