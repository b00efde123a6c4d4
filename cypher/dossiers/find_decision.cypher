// What a takedown decided of one account.
// Parameters: takedown_id, account_id STRING.
// Returns: action, state (of the account's part), approved_by STRING; acted_ms, undone_ms, expires_ms
//   INTEGER, milliseconds since 1970, or null; no row where the takedown has no such account.
// READ. Starts from: constraint account_id, then the account's takedowns.
MATCH (:Account {id: $account_id})<-[target:TARGETS]-(t:Takedown {id: $takedown_id})
RETURN t.action AS action, target.state AS state, t.approved_by AS approved_by,
  target.acted_at.epochMillis AS acted_ms, target.undone_at.epochMillis AS undone_ms,
  t.expires_at.epochMillis AS expires_ms
LIMIT 1
