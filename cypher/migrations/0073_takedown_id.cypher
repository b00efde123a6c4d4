// A takedown is known by its id.
CREATE CONSTRAINT takedown_id IF NOT EXISTS FOR (t:Takedown) REQUIRE t.id IS UNIQUE
