// Accounts by id, all in one row: a row of its own for each would cost more than its reading.
// Parameters: account_ids LIST<STRING>.
// Returns: accounts LIST<LIST>, each: id, email, country, plan, user_agent STRING; signed_up_ms, first_seen_ms, last_seen_ms, first_paid_ms, last_paid_ms INTEGER, milliseconds since 1970, or null; charges_succeeded, charges_declined, charges_refunded, charges_disputed, requests, tokens INTEGER; standing, told_standing STRING, `active` where nothing is known; verified_organisation BOOLEAN; protected_because STRING or null.
// READ. Starts from: constraint account_id.
UNWIND $account_ids AS account_id
MATCH (a:Account {id: account_id})
RETURN collect([
  a.id, a.email, a.country, a.plan, a.user_agent,
  a.signed_up_at.epochMillis, a.first_seen_at.epochMillis, a.last_seen_at.epochMillis,
  a.first_paid_at.epochMillis, a.last_paid_at.epochMillis,
  coalesce(a.charges_succeeded, 0), coalesce(a.charges_declined, 0),
  coalesce(a.charges_refunded, 0), coalesce(a.charges_disputed, 0),
  coalesce(a.requests, 0), coalesce(a.tokens, 0),
  coalesce(a.standing, 'active'), coalesce(a.told_standing, 'active'),
  coalesce(a.verified_organisation, false), a.protected_because
]) AS accounts
