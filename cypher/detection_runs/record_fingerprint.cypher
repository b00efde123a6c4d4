// Record which graph a run has read.
// Parameters: id, graph_fingerprint STRING.
// Returns: nothing.
// WRITE. Starts from: constraint detection_run_id.
MATCH (run:DetectionRun {id: $id})
SET run.graph_fingerprint = $graph_fingerprint
