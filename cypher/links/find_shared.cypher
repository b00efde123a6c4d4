// Identifiers that two accounts both used, however popular.
// Parameters: a, b STRING, account ids; limit INTEGER.
// Returns: kind, value STRING; accounts INTEGER, how many carry it; rarest first.
// READ. Starts from: constraint account_id, twice.
MATCH (a:Account {id: $a})-[l:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]->(i)
MATCH (i)<-[:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]-(b:Account {id: $b})
RETURN CASE type(l) WHEN 'USED_DEVICE' THEN 'device' WHEN 'PAID_WITH' THEN 'payment_instrument'
    WHEN 'SEEN_AT' THEN 'ip' ELSE i.kind END AS kind,
  coalesce(i.address, i.value, i.id) AS value,
  COUNT { (i)<-[:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]-() } AS accounts
ORDER BY accounts, kind, value
LIMIT $limit
