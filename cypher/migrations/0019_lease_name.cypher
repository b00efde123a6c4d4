// A lease is found by its name, and exists once: whoever holds it works alone.
CREATE CONSTRAINT lease_name IF NOT EXISTS FOR (l:Lease) REQUIRE l.name IS UNIQUE
