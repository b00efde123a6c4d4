// The last detection run that was finished.
// Parameters: none.
// Returns: started_ms, finished_ms INTEGER, milliseconds since 1970; no row if there is none.
// READ. Starts from: index detection_run_started_at, from its end.
MATCH (run:DetectionRun)
WHERE run.started_at IS NOT NULL AND run.state = 'finished'
RETURN run.started_at.epochMillis AS started_ms, run.finished_at.epochMillis AS finished_ms
ORDER BY run.started_at DESC
LIMIT 1
