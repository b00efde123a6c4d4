// What the log says of its last entry.
// Parameters: none.
// Returns: seq INTEGER, hash STRING; no row for an empty log.
// READ. Starts from: constraint audit_log_name.
MATCH (log:AuditLog {name: 'audit'})
WHERE log.seq IS NOT NULL
RETURN log.seq AS seq, log.hash AS hash
