// How many rings pass a filter, counted up to a limit; ids that stand for another ring are left out.
// Parameters: grades, tiers, states LIST<STRING> or null for any; min_size, max_size INTEGER or null; limit INTEGER.
// Returns: rings INTEGER, at most limit.
// READ. Starts from: the label Ring; rings are few beside accounts.
MATCH (r:Ring)
WHERE NOT EXISTS { (r)-[:MERGED_INTO]->() }
  AND ($grades IS NULL OR r.grade IN $grades)
  AND ($tiers IS NULL OR r.tier IN $tiers)
  AND ($states IS NULL OR r.state IN $states)
  AND ($min_size IS NULL OR r.size >= $min_size)
  AND ($max_size IS NULL OR r.size <= $max_size)
WITH r LIMIT $limit
RETURN count(*) AS rings
