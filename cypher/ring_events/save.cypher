// Tell what happened to a ring in a run, with the figures that the ring has now; once a run and
// kind.
// Parameters: run_id, ring_id STRING; events LIST<MAP {kind STRING, size_before, size_after, added,
//   removed INTEGER, other_ring_ids LIST<STRING>}>.
// Returns: nothing.
// WRITE. Starts from: constraints ring_id, detection_run_id and ring_event_run_ring_kind.
MATCH (ring:Ring {id: $ring_id})
MATCH (run:DetectionRun {id: $run_id})
UNWIND $events AS told
MERGE (event:RingEvent {run_id: $run_id, ring_id: $ring_id, kind: told.kind})
SET event += ring {
      .operation_id, .score, .grade, .tier, .state, .size, .core_size, .kinds, .reason_codes,
      .reason_weights, .reason_texts, .requests, .tokens, .first_signed_up_at, .last_signed_up_at
    },
    event += told,
    event.at = run.told_at
MERGE (ring)-[:HAS_EVENT]->(event)
