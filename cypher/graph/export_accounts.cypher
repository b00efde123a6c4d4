// All accounts with all they hold.
// Parameters: none.
// Returns: properties MAP; by id.
// READ. Starts from: constraint account_id, in its order.
MATCH (a:Account)
WHERE a.id IS NOT NULL
RETURN properties(a) AS properties
ORDER BY a.id
