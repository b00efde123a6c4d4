// Create or meet the accounts of a batch, lock each, and enter its events in its ledger.
// The mark, drawn anew, tells readers of the account graph that the account has changed, and it locks
// the account before anything of it is read: no two transactions can both find an event missing.
// Earliest and latest times bear repetition, so
// duplicates do no harm to them.
// Parameters, one entry an account, sorted by id: ids LIST<STRING>, first_seen_ms LIST<INTEGER>,
//   last_seen_ms LIST<INTEGER>, event_keys LIST<LIST<INTEGER>>.
// Returns: id STRING, known LIST<INTEGER>; only accounts with events that were loaded before.
// WRITE. Starts from: constraint account_id.
UNWIND range(0, size($ids) - 1) AS n
MERGE (a:Account {id: $ids[n]})
SET a.mark = toInteger(rand() * 9007199254740992)
SET a.first_seen_at = CASE
      WHEN a.first_seen_at.epochMillis <= $first_seen_ms[n] THEN a.first_seen_at
      ELSE datetime.fromEpochMillis($first_seen_ms[n]) END,
    a.last_seen_at = CASE
      WHEN a.last_seen_at.epochMillis >= $last_seen_ms[n] THEN a.last_seen_at
      ELSE datetime.fromEpochMillis($last_seen_ms[n]) END
WITH a, $event_keys[n] AS keys, coalesce(a.event_keys, []) AS ledger,
  coalesce(a.old_event_keys, []) AS old
WITH a, keys, ledger, [key IN keys WHERE key IN ledger OR key IN old] AS known
SET a.event_keys = ledger + [key IN keys WHERE NOT key IN known]
WITH a.id AS id, known
WHERE size(known) > 0
RETURN id, known
