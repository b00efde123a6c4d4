// Turn the page of the ledgers of accounts that were last turned before a moment, or never: what is on
// the page before is forgotten, the present page takes its place, and a new one begins.
// An account is locked before its ledger is looked at, or events that come meanwhile would be lost, and
// two runs at once would turn twice.
// Parameters: ids LIST<STRING>, sorted; before, at ZONED DATETIME.
// Returns: gone INTEGER, events that were forgotten.
// WRITE. Starts from: constraint account_id.
UNWIND $ids AS id
MATCH (a:Account {id: id})
WHERE a.ledger_turned_at IS NULL OR a.ledger_turned_at < $before
SET a += {}
WITH a
WHERE a.ledger_turned_at IS NULL OR a.ledger_turned_at < $before
WITH a, coalesce(a.event_keys, []) AS present, size(coalesce(a.old_event_keys, [])) AS gone
SET a.old_event_keys = present,
    a.event_keys = [],
    a.ledger_turned_at = $at
RETURN coalesce(sum(gone), 0) AS gone
