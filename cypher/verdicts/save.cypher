// Give a ring a verdict with what it was given on, if the ring is still in the state that allowed
// it; a confirmed ring is at least in review.
// Parameters: id, ring_id, state_before, verdict (confirmed or dismissed), by, reason STRING;
//   strong_kinds LIST<STRING>, kinds of identifiers that are strong.
// Returns: at_ms INTEGER, milliseconds since 1970; no row if the state is another one by now.
// WRITE. Starts from: constraint ring_id.
MATCH (ring:Ring {id: $ring_id})
SET ring += {}
WITH ring
WHERE ring.state = $state_before
CALL (ring) {
  MATCH (ring)-[:HAS_EVIDENCE]->(piece:Evidence)
  WHERE piece.kind IN $strong_kinds AND piece.hub <> 'public'
  RETURN collect(piece.kind) AS kinds, collect(piece.value) AS values
}
SET ring.state = $verdict,
    ring.tier = CASE WHEN $verdict = 'confirmed' AND ring.tier = 'watch' THEN 'review' ELSE ring.tier END
CREATE (verdict:Verdict {
  id: $id,
  ring_id: $ring_id,
  verdict: $verdict,
  by: $by,
  reason: $reason,
  at: datetime.truncate('millisecond', datetime.realtime()),
  state_before: $state_before,
  size: ring.size,
  strong_kinds: kinds,
  strong_values: values
})-[:ON]->(ring)
CREATE (ring)-[:HAS_EVENT]->(event:RingEvent {run_id: $id, ring_id: $ring_id, kind: $verdict})
SET event += ring {
      .operation_id, .score, .grade, .tier, .state, .size, .core_size, .kinds, .reason_codes,
      .reason_weights, .reason_texts, .requests, .tokens, .first_signed_up_at, .last_signed_up_at
    },
    event.at = verdict.at,
    event.size_before = ring.size,
    event.size_after = ring.size,
    event.added = 0,
    event.removed = 0,
    event.other_ring_ids = []
RETURN verdict.at.epochMillis AS at_ms
