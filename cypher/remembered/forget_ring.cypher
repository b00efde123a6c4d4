// Forget what is remembered of a ring whose takedown is undone, so many identifiers at the most, unless
// another takedown of it is in force.
// Parameters: ring_id, takedown_id STRING, the one that is undone; limit INTEGER.
// Returns: forgotten INTEGER, how many went.
// WRITE. Starts from: constraint tombstone_ring_hash.
MATCH (t:Tombstone)
WHERE t.ring_id = $ring_id AND t.hash >= '' AND NOT EXISTS {
  MATCH (:Ring {id: $ring_id})<-[:OF]-(other:Takedown)
  WHERE other.state IN ['running', 'paused', 'stopped', 'done', 'undoing'] AND other.id <> $takedown_id
}
WITH t LIMIT $limit
DELETE t
RETURN count(*) AS forgotten
