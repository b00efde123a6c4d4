// End the undoing of a takedown, if nothing of it holds any more; its ring gets the state it had before,
// unless another takedown of it is in force.
// Parameters: id, ring_state STRING or null, in place of the state it had before; at_ms INTEGER,
//   milliseconds since 1970.
// Returns: ring_id STRING, restored BOOLEAN; no row if something is left.
// WRITE. Starts from: constraint takedown_id, then index target_place.
MATCH (t:Takedown {id: $id})-[:OF]->(ring:Ring)
SET t += {}, ring += {}
WITH t, ring
WHERE t.state = 'undoing' AND NOT EXISTS {
  MATCH ()-[target:TARGETS]->()
  WHERE target.takedown_id = t.id AND target.state IN ['queued', 'acted']
}
SET t.state = 'undone', t.ended_at = datetime.fromEpochMillis($at_ms)
WITH t, ring, EXISTS {
  MATCH (ring)<-[:OF]-(other:Takedown)
  WHERE other.state IN ['running', 'paused', 'stopped', 'done', 'undoing'] AND other.id <> t.id
} AS held
FOREACH (_ IN CASE WHEN held THEN [] ELSE [1] END |
  SET ring.state = coalesce($ring_state, ring.state_before, 'open')
  REMOVE ring.state_before
  CREATE (ring)-[:HAS_EVENT]->(event:RingEvent {
    run_id: t.id + '.undone', ring_id: ring.id, kind: 'restored'
  })
  SET event += ring {
        .operation_id, .score, .grade, .tier, .state, .size, .core_size, .kinds, .reason_codes,
        .reason_weights, .reason_texts, .requests, .tokens, .first_signed_up_at, .last_signed_up_at
      },
      event.at = t.ended_at,
      event.size_before = ring.size,
      event.size_after = ring.size,
      event.added = 0,
      event.removed = 0,
      event.other_ring_ids = []
)
RETURN ring.id AS ring_id, NOT held AS restored
