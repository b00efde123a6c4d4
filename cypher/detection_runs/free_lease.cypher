// Give the lease of detection back, if the run still has it.
// Parameters: run_id STRING.
// Returns: nothing.
// WRITE. Starts from: constraint lease_name.
MATCH (lease:Lease {name: 'detection'})
SET lease.asked_at = datetime.realtime()
WITH lease
WHERE lease.run_id = $run_id
REMOVE lease.run_id, lease.expires_at
