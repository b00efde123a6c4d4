// Refuse events before a moment from now on, unless a later one was told before, or one was told so
// lately that loaders may not have read it yet.
// Parameters: before, at, moved_before ZONED DATETIME.
// Returns: settled_ms INTEGER or null, the moment that all loaders have read, milliseconds since 1970.
// WRITE. Starts from: constraint ledger_name.
MERGE (ledger:Ledger {name: 'events'})
SET ledger += {}
WITH ledger, ledger.begins_at AS begins_at,
  ledger.moved_at IS NULL OR ledger.moved_at <= $moved_before AS due
SET ledger.settled_at = CASE WHEN due THEN begins_at ELSE ledger.settled_at END,
    ledger.moved_at = CASE WHEN due THEN $at ELSE ledger.moved_at END,
    ledger.begins_at = CASE WHEN NOT due OR begins_at >= $before THEN begins_at ELSE $before END
RETURN ledger.settled_at.epochMillis AS settled_ms
