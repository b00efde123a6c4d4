// An identifier is remembered once for a ring, and all that a ring left is found by its id.
CREATE CONSTRAINT tombstone_ring_hash IF NOT EXISTS
FOR (t:Tombstone) REQUIRE (t.ring_id, t.hash) IS UNIQUE
