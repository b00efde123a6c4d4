// Whether an account has a dead letter at an endpoint is known without reading the others.
CREATE INDEX dead_letter_account IF NOT EXISTS
FOR (d:DeadLetter) ON (d.endpoint_id, d.account_id)
