// One page of rings as they were at a moment, in a chosen order, ties by id; ids that stood for another ring by then are left out.
// Parameters: as_of ZONED DATETIME; order STRING (score, size or requests); sign INTEGER (1 rising, -1 falling); grades, tiers, states LIST<STRING> or null for any; min_size, max_size INTEGER or null; after_rank FLOAT and after_id STRING of the last ring seen, or null; limit INTEGER.
// Returns: id STRING, rank FLOAT (what the order compares: lower comes first).
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
WITH ring, r
WHERE ($grades IS NULL OR r.grade IN $grades)
  AND ($tiers IS NULL OR r.tier IN $tiers)
  AND ($states IS NULL OR r.state IN $states)
  AND ($min_size IS NULL OR r.size >= $min_size)
  AND ($max_size IS NULL OR r.size <= $max_size)
WITH ring.id AS id, $sign * toFloat(
  CASE $order WHEN 'size' THEN r.size WHEN 'requests' THEN coalesce(r.requests, 0) ELSE r.score END
) AS rank
WHERE $after_rank IS NULL OR rank > $after_rank OR (rank = $after_rank AND id > $after_id)
RETURN id, rank
ORDER BY rank, id
LIMIT $limit
