// One page of detection runs, newest first, ties by id.
// Parameters: after_ms INTEGER (start, milliseconds since 1970) and after_id STRING of the last run seen, or null; limit INTEGER.
// Returns: id STRING; started_ms, finished_ms, as_of_ms INTEGER, milliseconds since 1970; config STRING (JSON); seed INTEGER; graph_fingerprint, version STRING; rings, accounts_flagged INTEGER; state STRING.
// READ. Starts from: index detection_run_started_at.
MATCH (d:DetectionRun)
WHERE d.started_at IS NOT NULL
WITH d, d.started_at.epochMillis AS started_ms
WHERE $after_ms IS NULL OR started_ms < $after_ms OR (started_ms = $after_ms AND d.id > $after_id)
RETURN d.id AS id, started_ms, d.finished_at.epochMillis AS finished_ms,
  d.as_of.epochMillis AS as_of_ms, d.config AS config, d.seed AS seed,
  d.graph_fingerprint AS graph_fingerprint, d.version AS version, d.rings AS rings,
  d.accounts_flagged AS accounts_flagged, d.state AS state
ORDER BY started_ms DESC, id
LIMIT $limit
