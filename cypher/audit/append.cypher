// Add the entry that follows the last one; run in the transaction that locked the log.
// Parameters: seq, at_ms INTEGER (milliseconds since 1970); actor, action, subject, detail,
//   previous_hash, hash STRING.
// Returns: nothing.
// WRITE. Starts from: constraint audit_log_name.
MATCH (log:AuditLog {name: 'audit'})
CREATE (:AuditEntry {
  seq: $seq,
  at: datetime({epochMillis: $at_ms}),
  actor: $actor,
  action: $action,
  subject: $subject,
  detail: $detail,
  previous_hash: $previous_hash,
  hash: $hash
})
SET log.seq = $seq, log.hash = $hash
