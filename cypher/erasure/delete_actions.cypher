// Take away what the provider's systems were told to do to the accounts.
// Parameters: ids LIST<STRING>; limit INTEGER.
// Returns: account_id STRING, actions INTEGER.
// WRITE. Starts from: index action_account.
UNWIND $ids AS account_id
MATCH (x:Action {account_id: account_id})
WITH account_id, x LIMIT $limit
DETACH DELETE x
RETURN account_id, count(*) AS actions
