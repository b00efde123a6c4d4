// Tell the provider's systems what to do, in the order of commits: the counter stays locked until the
// transaction ends.
// Parameters: takedown_id, ring_id, kind, reason STRING; at_ms INTEGER, milliseconds since 1970;
//   expires_ms INTEGER or null; one entry an account: account_ids, standings, previous_standings
//   LIST<STRING>.
// Returns: last INTEGER, number of the last action.
// WRITE. Starts from: constraint takedown_desk_name.
MERGE (desk:TakedownDesk {name: 'actions'})
SET desk.seq = coalesce(desk.seq, 0) + size($account_ids)
WITH desk.seq AS last, desk.seq - size($account_ids) AS before
UNWIND range(0, size($account_ids) - 1) AS n
CREATE (:Action {
  seq: before + n + 1,
  id: $takedown_id + '.' + toString(before + n + 1),
  kind: $kind,
  account_id: $account_ids[n],
  takedown_id: $takedown_id,
  ring_id: $ring_id,
  standing: $standings[n],
  previous_standing: $previous_standings[n],
  reason: $reason,
  at: datetime.fromEpochMillis($at_ms),
  expires_at: CASE WHEN $expires_ms IS NOT NULL THEN datetime.fromEpochMillis($expires_ms) END
})
RETURN DISTINCT last
