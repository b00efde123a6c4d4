// The takedown that an appeal of an account would be against, and what became of the account in it:
// the one asked for, or the latest that acted on it.
// Parameters: account_id STRING; takedown_id STRING or null.
// Returns: takedown_id, state STRING, of the account in it, or null where none has it; no row for an
//   unknown account.
// READ. Starts from: constraint account_id.
MATCH (a:Account {id: $account_id})
OPTIONAL MATCH (a)<-[target:TARGETS]-()
WHERE $takedown_id IS NULL OR target.takedown_id = $takedown_id
WITH target
ORDER BY target.state = 'acted' DESC, target.acted_at DESC, target.takedown_id
LIMIT 1
RETURN target.takedown_id AS takedown_id, target.state AS state
