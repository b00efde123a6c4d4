// The next entries after a number, in order.
// Parameters: after, limit INTEGER.
// Returns: seq, at_ms INTEGER (milliseconds since 1970); topic, kind, subject_id, run_id STRING.
// READ. Starts from: constraint outbox_entry_seq.
MATCH (entry:OutboxEntry)
WHERE entry.seq > $after
RETURN entry.seq AS seq, entry.at.epochMillis AS at_ms, entry.topic AS topic, entry.kind AS kind,
       entry.subject_id AS subject_id, entry.run_id AS run_id
ORDER BY seq
LIMIT $limit
