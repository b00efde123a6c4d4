// That an account was erased is known once, and found by the keyed hash of its id.
CREATE CONSTRAINT erased_hash IF NOT EXISTS FOR (e:Erased) REQUIRE e.hash IS UNIQUE
