// Take away all that ties the accounts to rings and takedowns: what is left of their relationships.
// Parameters: ids LIST<STRING>; limit INTEGER.
// Returns: account_id, type STRING; ties INTEGER.
// WRITE. Starts from: constraint account_id.
UNWIND $ids AS account_id
MATCH (:Account {id: account_id})-[tie]-()
WHERE NOT type(tie) IN ['USED_DEVICE', 'PAID_WITH', 'SEEN_AT', 'USES_IDENTIFIER']
WITH account_id, type(tie) AS type, tie LIMIT $limit
DELETE tie
RETURN account_id, type, count(*) AS ties
