// There is one set of policies, whose lock lets one policy at a time be enforced.
CREATE CONSTRAINT policy_set_name IF NOT EXISTS FOR (s:PolicySet) REQUIRE s.name IS UNIQUE
