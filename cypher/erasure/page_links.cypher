// Links of accounts to identifiers, so many at the most, and how many accounts carry each identifier.
// Parameters: ids LIST<STRING>; limit INTEGER.
// Returns: account_id, identifier (its internal id), kind, value STRING; carriers INTEGER; listed BOOLEAN,
//   whether a feed tells of the identifier too.
// READ. Starts from: constraint account_id.
UNWIND $ids AS id
MATCH (a:Account {id: id})-[u:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]->(i)
WITH id, u, i LIMIT $limit
RETURN id AS account_id, elementId(i) AS identifier,
  CASE type(u)
    WHEN 'USED_DEVICE' THEN 'device'
    WHEN 'PAID_WITH' THEN 'payment_instrument'
    WHEN 'SEEN_AT' THEN 'ip'
    ELSE i.kind END AS kind,
  coalesce(i.id, i.address, i.value) AS value,
  COUNT { (i)<--() } AS carriers,
  i.class IS NOT NULL AS listed
