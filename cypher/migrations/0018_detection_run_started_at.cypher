// The latest run is found without reading them all.
CREATE INDEX detection_run_started_at IF NOT EXISTS FOR (r:DetectionRun) ON (r.started_at)
