// Rings found before lineage was kept were born when they were found first, as they are now.
MATCH (ring:Ring)
WHERE NOT EXISTS { (ring)-[:HAS_EVENT]->() } AND ring.run_id IS NOT NULL
CREATE (ring)-[:HAS_EVENT]->(event:RingEvent {run_id: ring.run_id, ring_id: ring.id, kind: 'born'})
SET event += ring {
      .operation_id, .score, .grade, .tier, .state, .size, .core_size, .kinds, .reason_codes,
      .reason_weights, .reason_texts, .requests, .tokens, .first_signed_up_at, .last_signed_up_at
    },
    event.at = ring.found_at,
    event.size_before = 0,
    event.size_after = ring.size,
    event.added = ring.size,
    event.removed = 0,
    event.other_ring_ids = []
