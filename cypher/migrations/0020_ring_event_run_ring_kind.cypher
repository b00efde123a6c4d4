// A run tells each thing of a ring once, however often it is told to.
CREATE CONSTRAINT ring_event_run_ring_kind IF NOT EXISTS
FOR (e:RingEvent) REQUIRE (e.run_id, e.ring_id, e.kind) IS UNIQUE
