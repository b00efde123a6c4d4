// Take away the appeals of the accounts.
// Parameters: ids LIST<STRING>; limit INTEGER.
// Returns: account_id STRING, appeals INTEGER.
// WRITE. Starts from: constraint account_id.
UNWIND $ids AS account_id
MATCH (:Account {id: account_id})-[:LODGED]->(appeal:Appeal)
WITH account_id, appeal LIMIT $limit
DETACH DELETE appeal
RETURN account_id, count(*) AS appeals
