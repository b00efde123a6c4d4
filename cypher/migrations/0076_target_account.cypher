// One account of a takedown is found without reading the others.
CREATE INDEX target_account IF NOT EXISTS
FOR ()-[target:TARGETS]-() ON (target.takedown_id, target.account_id)
