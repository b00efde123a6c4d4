// Renew the lease of detection, if the run still has it, and lock it to the end of the transaction:
// what the transaction writes is then written by the one run that may.
// Parameters: run_id STRING; lease_s INTEGER, seconds from now to its end.
// Returns: run_id STRING, one row; no row if another run took the lease.
// WRITE. Starts from: constraint lease_name.
MATCH (lease:Lease {name: 'detection'})
SET lease.asked_at = datetime.realtime()
WITH lease
WHERE lease.run_id = $run_id
SET lease.expires_at = datetime.realtime() + duration({seconds: $lease_s})
RETURN lease.run_id AS run_id
