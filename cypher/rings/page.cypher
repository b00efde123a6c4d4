// One page of rings in a chosen order, ties by id; ids that stand for another ring are left out.
// Parameters: order STRING (score, size or requests); sign INTEGER (1 rising, -1 falling); grades, tiers, states LIST<STRING> or null for any; min_size, max_size INTEGER or null; after_rank FLOAT and after_id STRING of the last ring seen, or null; limit INTEGER.
// Returns: id STRING, rank FLOAT (what the order compares: lower comes first).
// READ. Starts from: the label Ring; rings are few beside accounts.
MATCH (r:Ring)
WHERE NOT EXISTS { (r)-[:MERGED_INTO]->() }
  AND ($grades IS NULL OR r.grade IN $grades)
  AND ($tiers IS NULL OR r.tier IN $tiers)
  AND ($states IS NULL OR r.state IN $states)
  AND ($min_size IS NULL OR r.size >= $min_size)
  AND ($max_size IS NULL OR r.size <= $max_size)
WITH r.id AS id, $sign * toFloat(
  CASE $order WHEN 'size' THEN r.size WHEN 'requests' THEN coalesce(r.requests, 0) ELSE r.score END
) AS rank
WHERE $after_rank IS NULL OR rank > $after_rank OR (rank = $after_rank AND id > $after_id)
RETURN id, rank
ORDER BY rank, id
LIMIT $limit
