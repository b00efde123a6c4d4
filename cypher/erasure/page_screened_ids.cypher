// The next ids of accounts that sign-up checks were logged for, after one, in order.
// Parameters: after STRING, '' at first; limit INTEGER.
// Returns: id STRING.
// READ. Starts from: index screening_account, in its order.
MATCH (s:Screening)
WHERE s.account_id > $after AND s.at IS NOT NULL AND s.id IS NOT NULL
WITH DISTINCT s.account_id AS id
RETURN id
ORDER BY id
LIMIT $limit
