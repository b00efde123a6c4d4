// How many appeals there are, up to a limit.
// Parameters: states LIST<STRING> or null; takedown_id STRING or null; limit INTEGER.
// Returns: appeals INTEGER.
// READ. Starts from: the label Appeal; they are few beside accounts.
MATCH (appeal:Appeal)
WHERE ($states IS NULL OR appeal.state IN $states)
  AND ($takedown_id IS NULL OR appeal.takedown_id = $takedown_id)
WITH appeal LIMIT $limit
RETURN count(appeal) AS appeals
