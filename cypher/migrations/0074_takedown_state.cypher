// Takedowns that are at work are found without reading those that are over.
CREATE INDEX takedown_state IF NOT EXISTS FOR (t:Takedown) ON (t.state)
