// How many rings there are by state and tier; ids that stand for another ring are left out.
// Parameters: none.
// Returns: state, tier STRING; rings INTEGER.
// READ. Starts from: the label Ring; rings are few beside accounts.
MATCH (r:Ring)
WHERE NOT EXISTS { (r)-[:MERGED_INTO]->() }
RETURN coalesce(r.state, 'open') AS state, coalesce(r.tier, 'watch') AS tier, count(*) AS rings
