// The next ids of accounts after one, in order.
// Parameters: after STRING, '' at first; limit INTEGER; seen_before ZONED DATETIME, only accounts seen
//   last before it, or null for all.
// Returns: ids LIST<STRING>; last STRING, to go on after, or null at the end.
// READ. Starts from: constraint account_id, in its order.
MATCH (a:Account)
WHERE a.id > $after
WITH a ORDER BY a.id LIMIT $limit
WITH collect(a) AS page
RETURN [a IN page WHERE coalesce(a.last_seen_at < $seen_before, $seen_before IS NULL) | a.id] AS ids,
       CASE WHEN size(page) = $limit THEN last(page).id END AS last
