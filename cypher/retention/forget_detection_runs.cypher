// Forget runs of detection that began before a moment, so many at the most; those that found what a ring
// is now stay, and so does one that is at work.
// Parameters: before ZONED DATETIME; limit INTEGER.
// Returns: gone INTEGER, how many went.
// WRITE. Starts from: index detection_run_started_at.
MATCH (run:DetectionRun)
WHERE run.started_at < $before AND run.state <> 'running'
  AND NOT EXISTS { MATCH (run)-[:FOUND]->(ring:Ring) WHERE ring.run_id = run.id }
WITH run LIMIT $limit
DETACH DELETE run
RETURN count(*) AS gone
