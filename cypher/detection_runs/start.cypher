// Record that a run starts; the transaction holds the lease, so whoever still counts as running
// does so no more. What the run tells of rings bears one moment, told_at: the one it looks from, or
// its start where that was told of already, so that history never runs backwards.
// Parameters: id, config (JSON), version STRING; started_at ZONED DATETIME; as_of ZONED DATETIME or
//   null; seed INTEGER.
// Returns: abandoned LIST<STRING>, runs that had never ended.
// WRITE. Starts from: constraint detection_run_id and the labels DetectionRun and Verdict.
CALL () {
  MATCH (told:DetectionRun|Verdict)
  RETURN max(coalesce(told.told_at, told.started_at, told.at)) AS last
}
WITH last, CASE WHEN last >= $started_at THEN last + duration({milliseconds: 1}) ELSE $started_at END AS next
MERGE (run:DetectionRun {id: $id})
SET run.started_at = $started_at,
    run.as_of = $as_of,
    run.told_at = CASE WHEN $as_of < next AND coalesce($as_of > last, true) THEN $as_of ELSE next END,
    run.config = $config,
    run.seed = $seed,
    run.version = $version,
    run.state = 'running'
WITH run
OPTIONAL MATCH (other:DetectionRun)
WHERE other.state = 'running' AND other <> run
SET other.state = 'abandoned'
RETURN collect(other.id) AS abandoned
