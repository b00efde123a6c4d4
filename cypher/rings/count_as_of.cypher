// How many rings passed a filter at a moment, counted up to a limit.
// Parameters: as_of ZONED DATETIME; grades, tiers, states LIST<STRING> or null for any; min_size, max_size INTEGER or null; limit INTEGER.
// Returns: rings INTEGER, at most limit.
// READ. Starts from: the label Ring; rings are few beside accounts.
MATCH (ring:Ring)
WHERE NOT EXISTS { MATCH (ring)-[merged:MERGED_INTO]->() WHERE merged.at <= $as_of }
CALL (ring) {
  MATCH (ring)-[:HAS_EVENT]->(e:RingEvent)
  WHERE e.at <= $as_of
  RETURN e AS r
  ORDER BY e.at DESC, e.kind
  LIMIT 1
}
WITH r
WHERE ($grades IS NULL OR r.grade IN $grades)
  AND ($tiers IS NULL OR r.tier IN $tiers)
  AND ($states IS NULL OR r.state IN $states)
  AND ($min_size IS NULL OR r.size >= $min_size)
  AND ($max_size IS NULL OR r.size <= $max_size)
WITH r LIMIT $limit
RETURN count(*) AS rings
