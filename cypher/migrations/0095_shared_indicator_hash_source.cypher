// What a peer has seen is kept once for each peer, and found by its hash whoever shared it.
CREATE CONSTRAINT shared_indicator_hash_source IF NOT EXISTS
FOR (i:SharedIndicator) REQUIRE (i.hash, i.source) IS UNIQUE
