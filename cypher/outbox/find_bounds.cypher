// Number of the last entry, and of the last one that was taken away.
// Parameters: none.
// Returns: last, trimmed INTEGER; one row, zeros where nothing was ever told.
// READ. Starts from: constraint outbox_name.
OPTIONAL MATCH (outbox:Outbox {name: 'outbox'})
RETURN coalesce(outbox.seq, 0) AS last, coalesce(outbox.trimmed, 0) AS trimmed
