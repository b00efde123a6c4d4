// Act on the next accounts of the wave that is due, so many at the most. An account that has a
// stricter standing keeps it; one with an appeal open is held out, and told as one that did not change.
// Parameters: id STRING; at_ms INTEGER, now, milliseconds since 1970; ranks MAP, how strict each
//   standing is; limit INTEGER.
// Returns: account_id, previous_standing, standing STRING; no row if nothing is due, the takedown does
//   not run, or all takedowns are halted.
// WRITE. Starts from: constraint takedown_id, then index target_place. The takedown is locked first, so
//   that two who act at once take turns; each account before it is read.
MATCH (t:Takedown {id: $id})
SET t += {}
WITH t
WHERE t.state = 'running' AND t.next_wave_at.epochMillis <= $at_ms
  AND NOT EXISTS { (:TakedownDesk {name: 'switch', halted: true}) }
MATCH ()-[target:TARGETS]->(a)
USING INDEX SEEK target:TARGETS(takedown_id, state, wave, place)
WHERE target.takedown_id = t.id AND target.state = 'queued' AND target.wave = t.wave
  AND target.place >= 0
WITH t, target, a
ORDER BY target.takedown_id, target.state, target.wave, target.place
LIMIT $limit
WITH t, target, a
ORDER BY a.id
SET a += {}
WITH t, target, a, coalesce(a.standing, 'active') AS previous,
     EXISTS { (a)-[:LODGED]->(:Appeal {state: 'open'}) } AS appealed
WITH target, a, previous, appealed,
     CASE WHEN NOT appealed AND $ranks[t.standing] > $ranks[previous] THEN t.standing ELSE previous END
       AS standing
SET target.state = CASE WHEN appealed THEN 'held' ELSE 'acted' END,
    target.hold = CASE WHEN appealed THEN 'appeal_open' END,
    target.previous_standing = previous,
    target.acted_at = CASE WHEN NOT appealed THEN datetime.fromEpochMillis($at_ms) END
FOREACH (_ IN CASE WHEN appealed THEN [] ELSE [1] END | SET a.standing = standing)
RETURN a.id AS account_id, previous AS previous_standing, standing
