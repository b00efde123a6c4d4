// A version of a policy is written once and found by its id and number.
CREATE CONSTRAINT policy_id_version IF NOT EXISTS FOR (p:Policy) REQUIRE (p.id, p.version) IS UNIQUE
