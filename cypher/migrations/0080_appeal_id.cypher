// An appeal is known by its id.
CREATE CONSTRAINT appeal_id IF NOT EXISTS FOR (appeal:Appeal) REQUIRE appeal.id IS UNIQUE
