// Take the lease of detection if it is free, or find out who has it.
// Setting asked_at locks the lease before it is read, so that of two runs one waits and sees the
// other's name. The clock is Neo4j's, one for all processes.
// Parameters: run_id STRING; lease_s INTEGER, seconds from now to its end unless it is renewed.
// Returns: run_id STRING, who has the lease now; expires_at ZONED DATETIME.
// WRITE. Starts from: constraint lease_name.
MERGE (lease:Lease {name: 'detection'})
SET lease.asked_at = datetime.realtime()
WITH lease, lease.expires_at > datetime.realtime() AND lease.run_id <> $run_id AS taken
WITH lease, coalesce(taken, false) AS taken
SET lease.run_id = CASE WHEN taken THEN lease.run_id ELSE $run_id END,
    lease.expires_at = CASE
      WHEN taken THEN lease.expires_at
      ELSE datetime.realtime() + duration({seconds: $lease_s}) END
RETURN lease.run_id AS run_id, lease.expires_at AS expires_at
