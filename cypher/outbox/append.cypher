// Tell those who listen what a transaction changed, in the order of commits: the outbox stays locked
// until the transaction ends.
// Parameters: entries LIST<MAP {topic, kind, subject_id, run_id STRING}>.
// Returns: nothing.
// WRITE. Starts from: constraint outbox_name.
MERGE (outbox:Outbox {name: 'outbox'})
SET outbox.seq = coalesce(outbox.seq, 0) + size($entries)
WITH outbox.seq - size($entries) AS seq
UNWIND range(0, size($entries) - 1) AS at
WITH seq + at + 1 AS seq, $entries[at] AS told
CREATE (entry:OutboxEntry {seq: seq, at: datetime.truncate('millisecond', datetime.realtime())})
SET entry += told
