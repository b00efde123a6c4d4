// Appeals that wait for somebody are found without reading those that were decided.
CREATE INDEX appeal_state IF NOT EXISTS FOR (appeal:Appeal) ON (appeal.state, appeal.settled)
