// Record how a run ended, unless another run has marked it abandoned meanwhile.
// Parameters: id, state STRING (finished or failed); rings, accounts_flagged INTEGER or null.
// Returns: id STRING, of the run; no row if it was marked.
// WRITE. Starts from: constraint detection_run_id.
MATCH (run:DetectionRun {id: $id})
WHERE run.state = 'running'
SET run.state = $state,
    run.finished_at = datetime.truncate('millisecond', datetime.realtime()),
    run.rings = $rings,
    run.accounts_flagged = $accounts_flagged
RETURN run.id AS id
