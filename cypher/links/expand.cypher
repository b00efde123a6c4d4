// What some accounts used and who else used it; of identifiers that many carry, only how many.
// Parameters: account_ids LIST<STRING>; max_accounts INTEGER (an identifier with more is a hub, and not followed); limit INTEGER, identifiers returned, rarest first.
// Returns: kind, value STRING; accounts INTEGER; account_ids LIST<STRING>, all who carry it, sorted, empty for a hub.
// READ. Starts from: constraint account_id.
UNWIND $account_ids AS account_id
MATCH (a:Account {id: account_id})-[l:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]->(i)
WITH DISTINCT i, CASE type(l) WHEN 'USED_DEVICE' THEN 'device'
    WHEN 'PAID_WITH' THEN 'payment_instrument' WHEN 'SEEN_AT' THEN 'ip' ELSE i.kind END AS kind
WITH i, kind, coalesce(i.address, i.value, i.id) AS value,
  COUNT { (i)<-[:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]-() } AS accounts
WHERE accounts > 1
WITH i, kind, value, accounts
ORDER BY accounts, kind, value
LIMIT $limit
CALL (i, accounts) {
  WITH i, accounts WHERE accounts <= $max_accounts
  MATCH (i)<-[:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]-(other:Account)
  WITH other.id AS other_id ORDER BY other_id
  RETURN collect(other_id) AS account_ids
}
RETURN kind, value, accounts, account_ids
