// Bring a takedown from one of some states into another one.
// Parameters: id, state STRING; states LIST<STRING>, those it may be in; because STRING or null; next_ms
//   INTEGER or null, when its next wave begins, milliseconds since 1970; null: unchanged.
// Returns: ring_id STRING; no row if it is in another state.
// WRITE. Starts from: constraint takedown_id.
MATCH (t:Takedown {id: $id})
SET t += {}
WITH t
WHERE t.state IN $states
SET t.state = $state,
    t.because = $because,
    t.next_wave_at = coalesce(CASE WHEN $next_ms IS NOT NULL THEN datetime.fromEpochMillis($next_ms) END, t.next_wave_at)
RETURN t.ring_id AS ring_id
