// Lock the audit log to the end of the transaction, and tell its last entry and the time.
// Parameters: none.
// Returns: seq INTEGER (0 for an empty log), hash STRING or null, now_ms INTEGER since 1970.
// WRITE. Starts from: constraint audit_log_name.
MERGE (log:AuditLog {name: 'audit'})
SET log.taken = true
RETURN coalesce(log.seq, 0) AS seq, log.hash AS hash,
       datetime.truncate('millisecond', datetime.realtime()).epochMillis AS now_ms
