// Links of some accounts and what they lead to, as columns; the transaction holds the accounts' locks.
// Parameters: nodes LIST<INTEGER>, internal numbers of accounts; absent STRING, which stands for what
//   is not known (collect drops nulls).
// Returns one row: accounts LIST<INTEGER>, internal numbers; kinds LIST<STRING>, the type of the link
//   where it tells the kind; values, funding, bin, country LIST<STRING>; first_seen_ms, last_seen_ms,
//   events LIST<INTEGER>.
// READ. Starts from: the nodes by their internal numbers.
UNWIND $nodes AS node
MATCH (account:Account)
WHERE id(account) = node
MATCH (account)-[link:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]->(identifier)
WITH account, link, identifier, type(link) AS type
RETURN collect(id(account)) AS accounts,
       collect(CASE type WHEN 'USES_IDENTIFIER' THEN identifier.kind ELSE type END) AS kinds,
       collect(coalesce(
         CASE type
           WHEN 'USES_IDENTIFIER' THEN identifier.value
           WHEN 'SEEN_AT' THEN identifier.address
           ELSE identifier.id
         END, $absent)) AS values,
       collect(CASE type WHEN 'PAID_WITH' THEN coalesce(identifier.funding, $absent) ELSE $absent END)
         AS funding,
       collect(CASE type WHEN 'PAID_WITH' THEN coalesce(identifier.bin, $absent) ELSE $absent END)
         AS bin,
       collect(CASE type WHEN 'PAID_WITH' THEN coalesce(identifier.country, $absent) ELSE $absent END)
         AS country,
       collect(link.first_seen_at.epochMillis) AS first_seen_ms,
       collect(link.last_seen_at.epochMillis) AS last_seen_ms,
       collect(link.events) AS events
