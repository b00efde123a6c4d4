// How many changes policies and lists have had.
// Parameters: none.
// Returns: revision INTEGER, 0 where there was none; one row.
// READ. Starts from: constraint policy_set_name.
OPTIONAL MATCH (policies:PolicySet {name: 'policies'})
RETURN coalesce(policies.revision, 0) AS revision
