// A legal hold is found by its id, and exists once.
CREATE CONSTRAINT legal_hold_id IF NOT EXISTS FOR (h:LegalHold) REQUIRE h.id IS UNIQUE
