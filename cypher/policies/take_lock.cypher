// Keep the policies and the lists from all other writers to the end of the transaction.
// Parameters: none.
// Returns: nothing.
// WRITE. Starts from: constraint policy_set_name.
MERGE (policies:PolicySet {name: 'policies'})
SET policies.taken = true
