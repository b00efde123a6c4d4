// Accounts as columns, a chunk a row.
// Parameters: parts, part INTEGER, the share of all accounts to return; span INTEGER, of internal
//   numbers that make a chunk; as_of ZONED DATETIME or null, to leave out what was first
//   seen later; absent STRING and no_time INTEGER, which stand for what is not known (collect drops
//   nulls).
// Returns: nodes LIST<INTEGER>, the internal numbers; ids, email, country, plan, user_agent,
//   each LIST<STRING>; the other columns, each LIST<INTEGER>.
// READ. Starts from: the label look-up index, in the order of the store.
MATCH (account:Account)
WHERE id(account) % $parts = $part AND ($as_of IS NULL OR account.first_seen_at <= $as_of)
WITH id(account) / $span AS chunk,
     collect(id(account)) AS nodes,
     collect(account.id) AS ids,
     collect(account.first_seen_at.epochMillis) AS first_seen_ms,
     collect(account.last_seen_at.epochMillis) AS last_seen_ms,
     collect(coalesce(account.signed_up_at.epochMillis, $no_time)) AS signed_up_ms,
     collect(coalesce(account.email, $absent)) AS email,
     collect(coalesce(account.country, $absent)) AS country,
     collect(coalesce(account.plan, $absent)) AS plan,
     collect(coalesce(account.user_agent, $absent)) AS user_agent,
     collect(coalesce(account.charges_succeeded, 0)) AS charges_succeeded,
     collect(coalesce(account.charges_declined, 0)) AS charges_declined,
     collect(coalesce(account.charges_refunded, 0)) AS charges_refunded,
     collect(coalesce(account.charges_disputed, 0)) AS charges_disputed,
     collect(coalesce(account.first_paid_at.epochMillis, $no_time)) AS first_paid_ms,
     collect(coalesce(account.last_paid_at.epochMillis, $no_time)) AS last_paid_ms,
     collect(coalesce(account.requests, 0)) AS requests,
     collect(coalesce(account.tokens, 0)) AS tokens
RETURN nodes, ids, first_seen_ms, last_seen_ms, signed_up_ms, email, country, plan, user_agent,
       charges_succeeded, charges_declined, charges_refunded, charges_disputed, first_paid_ms,
       last_paid_ms, requests, tokens
