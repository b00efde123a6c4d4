// Take away what could not be delivered about the accounts.
// Parameters: ids LIST<STRING>; limit INTEGER.
// Returns: account_id STRING, dead_letters INTEGER.
// WRITE. Starts from: the label DeadLetter; those that wait are few.
MATCH (d:DeadLetter)
WHERE d.account_id IN $ids
WITH d, d.account_id AS account_id LIMIT $limit
DETACH DELETE d
RETURN account_id, count(*) AS dead_letters
