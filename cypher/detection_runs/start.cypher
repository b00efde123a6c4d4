// Record that a run starts; the transaction holds the lease, so whoever still counts as running
// does so no more.
// Parameters: id, config (JSON), version STRING; started_at ZONED DATETIME; as_of ZONED DATETIME or
//   null; seed INTEGER.
// Returns: abandoned LIST<STRING>, runs that had never ended.
// WRITE. Starts from: constraint detection_run_id and the label DetectionRun.
MERGE (run:DetectionRun {id: $id})
SET run.started_at = $started_at,
    run.as_of = $as_of,
    run.config = $config,
    run.seed = $seed,
    run.version = $version,
    run.state = 'running'
WITH run
OPTIONAL MATCH (other:DetectionRun)
WHERE other.state = 'running' AND other <> run
SET other.state = 'abandoned'
RETURN collect(other.id) AS abandoned
