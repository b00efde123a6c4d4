// All links between accounts and identifiers with all they hold.
// Parameters: none.
// Returns: account_id, type, kind, value STRING, properties MAP; account by account, by type, kind
//   and value.
// READ. Starts from: constraint account_id, in its order; sorts one account's links at a time.
MATCH (a:Account)
WHERE a.id IS NOT NULL
MATCH (a)-[u:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]->(i)
RETURN a.id AS account_id, type(u) AS type, CASE WHEN i:Identifier THEN i.kind END AS kind,
  coalesce(i.id, i.address, i.value) AS value, properties(u) AS properties
ORDER BY account_id, type, kind, value
