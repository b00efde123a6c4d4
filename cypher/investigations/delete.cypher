// Take an investigation away.
// Parameters: id STRING.
// Returns: deleted INTEGER, 0 or 1.
// WRITE. Starts from: constraint investigation_id.
OPTIONAL MATCH (i:Investigation {id: $id})
WITH i, count(i) AS deleted
FOREACH (one IN CASE WHEN i IS NULL THEN [] ELSE [i] END | DELETE one)
RETURN deleted
