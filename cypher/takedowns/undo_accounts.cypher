// Take back what a takedown did to some accounts; see undo_next for what each gets. One that is still
// queued is let go of by cancel_accounts.
// Parameters: id, because STRING; account_ids LIST<STRING>; at_ms INTEGER, milliseconds since 1970; ranks
//   MAP, how strict each standing is.
// Returns: account_id, previous_standing, standing STRING, of those that were acted on.
// WRITE. Starts from: constraint takedown_id, then index target_account.
MATCH (t:Takedown {id: $id})
SET t += {}
WITH t
UNWIND $account_ids AS account_id
MATCH ()-[target:TARGETS]->(a)
WHERE target.takedown_id = t.id AND target.account_id = account_id AND target.state = 'acted'
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
