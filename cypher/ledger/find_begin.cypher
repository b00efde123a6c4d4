// The moment before which events are refused, since the ledger may have forgotten them.
// Parameters: none.
// Returns: begins_ms INTEGER, milliseconds since 1970; no row where nothing was forgotten.
// READ. Starts from: constraint ledger_name.
MATCH (ledger:Ledger {name: 'events'})
RETURN ledger.begins_at.epochMillis AS begins_ms
