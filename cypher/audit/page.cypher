// Entries after a number, in order.
// Parameters: after, limit INTEGER.
// Returns: seq, at_ms INTEGER; actor, action, subject, detail, previous_hash, hash STRING.
// READ. Starts from: constraint audit_entry_seq.
MATCH (entry:AuditEntry)
WHERE entry.seq > $after
RETURN entry.seq AS seq, entry.at.epochMillis AS at_ms, entry.actor AS actor,
       entry.action AS action, entry.subject AS subject, entry.detail AS detail,
       entry.previous_hash AS previous_hash, entry.hash AS hash
ORDER BY seq
LIMIT $limit
