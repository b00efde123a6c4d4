// Forget links of some accounts that were seen last before a moment, so many at the most.
// Parameters: ids LIST<STRING>; before ZONED DATETIME; limit INTEGER.
// Returns: gone INTEGER, how many went; identifiers LIST<STRING>, internal ids of what was carried.
// WRITE. Starts from: constraint account_id.
UNWIND $ids AS id
MATCH (a:Account {id: id})-[u:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]->(i)
WHERE u.last_seen_at < $before
WITH a, u, elementId(i) AS identifier LIMIT $limit
SET a.mark = toInteger(rand() * 9007199254740992)
DELETE u
RETURN count(*) AS gone, collect(DISTINCT identifier) AS identifiers
