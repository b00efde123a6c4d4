// How many versions of policies there are, up to a limit.
// Parameters: limit INTEGER.
// Returns: policies INTEGER; one row.
// READ. Starts from: the label Policy, some hundreds of nodes.
MATCH (p:Policy)
WITH p LIMIT $limit
RETURN count(p) AS policies
