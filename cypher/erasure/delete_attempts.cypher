// Take away screenings of attempts that led to the accounts and were made before they were there.
// Parameters: ids LIST<STRING>; limit INTEGER.
// Returns: account_id STRING, screenings INTEGER.
// WRITE. Starts from: indexes screening_account and screening_attempt.
UNWIND $ids AS account_id
CALL (account_id) {
  MATCH (s:Screening {account_id: account_id})
  WHERE s.at IS NOT NULL AND s.id IS NOT NULL
  RETURN s.attempt_id AS attempt_id
  UNION
  RETURN account_id AS attempt_id
}
MATCH (s:Screening {attempt_id: attempt_id})
WHERE s.at IS NOT NULL AND s.id IS NOT NULL AND s.account_id IS NULL
WITH account_id, s LIMIT $limit
WITH DISTINCT s, account_id
DETACH DELETE s
RETURN account_id, count(*) AS screenings
