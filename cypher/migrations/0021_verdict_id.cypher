// A verdict is found by its id, and exists once.
CREATE CONSTRAINT verdict_id IF NOT EXISTS FOR (v:Verdict) REQUIRE v.id IS UNIQUE
