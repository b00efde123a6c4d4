// Takedowns that have something to do by now: a wave is due, they are being undone, or they expire.
// Parameters: at_ms INTEGER, now, milliseconds since 1970.
// Returns: id, state STRING; expired BOOLEAN.
// READ. Starts from: index takedown_state.
MATCH (t:Takedown)
WHERE t.state IN ['running', 'paused', 'stopped', 'done', 'undoing']
WITH t, coalesce(t.expires_at.epochMillis <= $at_ms, false) AS expired
WHERE t.state = 'undoing' OR expired
  OR (t.state = 'running' AND t.next_wave_at.epochMillis <= $at_ms)
RETURN t.id AS id, t.state AS state, expired
ORDER BY id
