// Start a takedown: from now on accounts are acted on, and its ring counts as taken down.
// Parameters: id, plan_hash, by STRING; waves, at_ms INTEGER, milliseconds since 1970; expires_ms
//   INTEGER or null; states LIST<STRING>, those from which it may start.
// Returns: ring_id, state_before STRING; no row if its state, its plan or its time does not allow it.
// WRITE. Starts from: constraint takedown_id. The ring's history tells it under the takedown's id.
MATCH (t:Takedown {id: $id})
SET t += {}
WITH t
WHERE t.state IN $states AND t.plan_hash = $plan_hash AND t.start_by.epochMillis > $at_ms
MATCH (t)-[:OF]->(ring:Ring)
SET ring += {}
WITH t, ring, ring.state AS state_before, datetime.fromEpochMillis($at_ms) AS at
SET t.state = 'running', t.started_by = $by, t.started_at = at, t.next_wave_at = at, t.wave = 0,
    t.waves = $waves,
    t.expires_at = CASE WHEN $expires_ms IS NOT NULL THEN datetime.fromEpochMillis($expires_ms) END,
    ring.state_before = CASE WHEN state_before = 'taken_down' THEN ring.state_before ELSE state_before END,
    ring.state = 'taken_down',
    ring.taken_down_at = coalesce(ring.taken_down_at, at)
REMOVE t.plan
CREATE (ring)-[:HAS_EVENT]->(event:RingEvent {run_id: t.id, ring_id: ring.id, kind: 'taken_down'})
SET event += ring {
      .operation_id, .score, .grade, .tier, .state, .size, .core_size, .kinds, .reason_codes,
      .reason_weights, .reason_texts, .requests, .tokens, .first_signed_up_at, .last_signed_up_at
    },
    event.at = at,
    event.size_before = ring.size,
    event.size_after = ring.size,
    event.added = 0,
    event.removed = 0,
    event.other_ring_ids = []
RETURN ring.id AS ring_id, state_before
