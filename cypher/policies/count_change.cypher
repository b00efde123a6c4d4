// Count a change of policies or lists; run in the transaction that makes it.
// Parameters: none.
// Returns: nothing.
// WRITE. Starts from: constraint policy_set_name.
MATCH (policies:PolicySet {name: 'policies'})
SET policies.revision = coalesce(policies.revision, 0) + 1
