// All that is remembered of rings, as columns, a chunk of one ring and secret a row.
// Parameters: at ZONED DATETIME, whatever expired by then is left out; span INTEGER, of internal
//   numbers that make a chunk.
// Returns: ring_id, key_id STRING; hashes, strengths LIST<STRING>; generations, remembered_ms,
//   expires_ms LIST<INTEGER>.
// READ. Starts from: index tombstone_expires_at.
MATCH (t:Tombstone)
WHERE t.expires_at > $at
WITH t.ring_id AS ring_id, t.key_id AS key_id, id(t) / $span AS chunk,
     collect(t.hash) AS hashes,
     collect(t.strength) AS strengths,
     collect(t.generation) AS generations,
     collect(t.remembered_at.epochMillis) AS remembered_ms,
     collect(t.expires_at.epochMillis) AS expires_ms
RETURN ring_id, key_id, hashes, strengths, generations, remembered_ms, expires_ms
