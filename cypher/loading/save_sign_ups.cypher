// Let accounts tell of their earliest sign-up; equal times are decided by the event's key.
// Parameters, one entry an account, sorted by id: ids LIST<STRING>, signed_up_ms LIST<INTEGER>,
//   signed_up_keys LIST<INTEGER>, emails, countries, plans, user_agents LIST<STRING or null>.
//   The transaction holds the accounts' locks.
// Returns: nothing.
// WRITE. Starts from: constraint account_id.
UNWIND range(0, size($ids) - 1) AS n
MATCH (a:Account {id: $ids[n]})
WHERE a.signed_up_at IS NULL
  OR a.signed_up_at.epochMillis > $signed_up_ms[n]
  OR (a.signed_up_at.epochMillis = $signed_up_ms[n] AND a.signed_up_key > $signed_up_keys[n])
SET a.signed_up_at = datetime.fromEpochMillis($signed_up_ms[n]),
    a.signed_up_key = $signed_up_keys[n],
    a.email = $emails[n],
    a.country = $countries[n],
    a.plan = $plans[n],
    a.user_agent = $user_agents[n]
