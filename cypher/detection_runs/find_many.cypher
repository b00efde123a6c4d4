// Detection runs by id.
// Parameters: run_ids LIST<STRING>.
// Returns: id STRING; started_ms, finished_ms, as_of_ms INTEGER, milliseconds since 1970; config STRING (JSON); seed INTEGER; graph_fingerprint, version STRING; rings, accounts_flagged INTEGER; state STRING.
// READ. Starts from: constraint detection_run_id.
UNWIND $run_ids AS run_id
MATCH (d:DetectionRun {id: run_id})
RETURN d.id AS id, d.started_at.epochMillis AS started_ms, d.finished_at.epochMillis AS finished_ms,
  d.as_of.epochMillis AS as_of_ms, d.config AS config, d.seed AS seed,
  d.graph_fingerprint AS graph_fingerprint, d.version AS version, d.rings AS rings,
  d.accounts_flagged AS accounts_flagged, d.state AS state
