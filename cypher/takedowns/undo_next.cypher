// Take back what was done to the next accounts of a takedown that is undone, so many at the most. Each
// gets the strictest of what the provider told of it and of the takedowns that still hold it.
// Parameters: id, because STRING; at_ms INTEGER, milliseconds since 1970; ranks MAP, how strict each
//   standing is; limit INTEGER.
// Returns: account_id, previous_standing, standing STRING; no row if nothing is left.
// WRITE. Starts from: constraint takedown_id, then index target_place.
MATCH (t:Takedown {id: $id})
SET t += {}
WITH t
WHERE t.state = 'undoing'
MATCH ()-[target:TARGETS]->(a)
WHERE target.takedown_id = t.id AND target.state = 'acted'
WITH t, target, a LIMIT $limit
WITH t, target, a
ORDER BY a.id
SET a += {}
SET target.state = 'undone',
    target.undone_at = datetime.fromEpochMillis($at_ms),
    target.undone_because = $because
WITH t, a, coalesce(a.standing, 'active') AS previous
CALL (a) {
  OPTIONAL MATCH (a)<-[held:TARGETS {state: 'acted'}]-(other:Takedown)
  WITH a, collect(other.standing) + coalesce(a.told_standing, 'active') AS standings
  UNWIND standings AS one
  WITH one ORDER BY $ranks[one] DESC LIMIT 1
  RETURN one AS standing
}
SET a.standing = CASE WHEN standing <> 'active' THEN standing END
RETURN a.id AS account_id, previous AS previous_standing, standing
