// Some accounts as columns, each locked before it is read: what a transaction still puts in place is
// waited for. They are locked in the order of the loaders.
// Parameters: nodes LIST<INTEGER>, internal numbers; absent STRING and no_time INTEGER, which stand
//   for what is not known (collect drops nulls).
// Returns one row: nodes, marks LIST<INTEGER>; else as read_accounts. Accounts that are gone are left
//   out.
// WRITE, though it changes nothing. Starts from: the nodes by their internal numbers.
UNWIND $nodes AS node
MATCH (account:Account)
WHERE id(account) = node
WITH account ORDER BY account.id
SET account += {}
RETURN collect(id(account)) AS nodes,
       collect(coalesce(account.mark, 0)) AS marks,
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
