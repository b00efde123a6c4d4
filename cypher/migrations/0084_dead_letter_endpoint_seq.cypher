// An action is a dead letter of an endpoint once, and those of an endpoint are read in order.
CREATE CONSTRAINT dead_letter_endpoint_seq IF NOT EXISTS
FOR (d:DeadLetter) REQUIRE (d.endpoint_id, d.action_seq) IS UNIQUE
