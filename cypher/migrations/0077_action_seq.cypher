// Actions are read in order, each once.
CREATE CONSTRAINT action_seq IF NOT EXISTS FOR (a:Action) REQUIRE a.seq IS UNIQUE
