// The next accounts of a wave are found without reading those that were acted on.
CREATE INDEX target_place IF NOT EXISTS
FOR ()-[target:TARGETS]-() ON (target.takedown_id, target.state, target.wave, target.place)
