// The last run of detection that told something of a ring by a moment.
// Parameters: ring_id STRING; as_of ZONED DATETIME, or null for now.
// Returns: run_id STRING; no row where no such run is kept.
// READ. Starts from: constraint ring_id, then constraint detection_run_id.
MATCH (r:Ring {id: $ring_id})-[:HAS_EVENT]->(e:RingEvent)
WHERE $as_of IS NULL OR e.at <= $as_of
WITH e ORDER BY e.at DESC
MATCH (run:DetectionRun {id: e.run_id})
RETURN run.id AS run_id
LIMIT 1
