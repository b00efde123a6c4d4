// Remember identifiers of a ring that was taken down, each once; one that is remembered already lives
// on for as long as the later takedown lets it.
// Parameters, one entry an identifier, sorted by hash: hashes, kinds, strengths LIST<STRING>;
//   expires_ms LIST<INTEGER>, milliseconds since 1970. Beside them: ring_id, key_id STRING; generation,
//   at_ms INTEGER, the takedown.
// Returns: nothing.
// WRITE. Starts from: constraint tombstone_ring_hash.
UNWIND range(0, size($hashes) - 1) AS n
MERGE (t:Tombstone {ring_id: $ring_id, hash: $hashes[n]})
ON CREATE SET
  t.kind = $kinds[n],
  t.strength = $strengths[n],
  t.generation = $generation,
  t.remembered_at = datetime.fromEpochMillis($at_ms),
  t.expires_at = datetime.fromEpochMillis($expires_ms[n]),
  t.key_id = $key_id
ON MATCH SET
  t.generation = CASE WHEN t.generation < $generation THEN $generation ELSE t.generation END,
  t.remembered_at = CASE
    WHEN t.remembered_at.epochMillis < $at_ms THEN datetime.fromEpochMillis($at_ms)
    ELSE t.remembered_at END,
  t.expires_at = CASE
    WHEN t.expires_at.epochMillis < $expires_ms[n] THEN datetime.fromEpochMillis($expires_ms[n])
    ELSE t.expires_at END
