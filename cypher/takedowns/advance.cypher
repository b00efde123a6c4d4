// Go on to the next wave, or end, if the one at work has no account left to act on.
// Parameters: id STRING; at_ms, next_ms INTEGER, now and when the next wave would begin, milliseconds
//   since 1970.
// Returns: state STRING, wave INTEGER; no row if there is something left, or it does not run.
// WRITE. Starts from: constraint takedown_id, then index target_place.
MATCH (t:Takedown {id: $id})
SET t += {}
WITH t
WHERE t.state = 'running' AND NOT EXISTS {
  MATCH ()-[target:TARGETS]->()
  WHERE target.takedown_id = t.id AND target.state = 'queued' AND target.wave <= t.wave
}
WITH t, t.wave + 1 >= t.waves AS last
SET t.wave = CASE WHEN last THEN t.wave ELSE t.wave + 1 END,
    t.state = CASE WHEN last THEN 'done' ELSE 'running' END,
    t.ended_at = CASE WHEN last THEN datetime.fromEpochMillis($at_ms) END,
    t.next_wave_at = CASE WHEN NOT last THEN datetime.fromEpochMillis($next_ms) END
RETURN t.state AS state, t.wave AS wave
