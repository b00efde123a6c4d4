// Entries are read on from a number, and each number is given once.
CREATE CONSTRAINT outbox_entry_seq IF NOT EXISTS FOR (e:OutboxEntry) REQUIRE e.seq IS UNIQUE
