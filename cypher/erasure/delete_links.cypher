// Take away links that page_links told. Both ends are locked first, in the order of the loaders.
// Parameters, one entry a link, sorted by account: account_ids, identifiers (internal ids)
//   LIST<STRING>.
// Returns: account_id, identifier (internal id) STRING, a row a link.
// WRITE. Starts from: constraint account_id and the identifiers by their internal ids; then from
//   whichever of both has fewer links.
UNWIND range(0, size($identifiers) - 1) AS n
MATCH (a:Account {id: $account_ids[n]})
SET a.mark = toInteger(rand() * 9007199254740992)
WITH a, n
MATCH (i:Device|PaymentInstrument|IpAddress|Identifier)
WHERE elementId(i) = $identifiers[n]
SET i += {}
WITH a, i, n
MATCH (a)-[u:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]->(i)
DELETE u
RETURN $account_ids[n] AS account_id, $identifiers[n] AS identifier
