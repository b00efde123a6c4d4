// Take away screenings of the accounts.
// Parameters: ids LIST<STRING>; limit INTEGER.
// Returns: account_id STRING, screenings INTEGER.
// WRITE. Starts from: index screening_account.
UNWIND $ids AS account_id
MATCH (s:Screening {account_id: account_id})
WHERE s.at IS NOT NULL AND s.id IS NOT NULL
WITH account_id, s LIMIT $limit
DETACH DELETE s
RETURN account_id, count(*) AS screenings
