// How many takedowns each account is or was in, held out or not.
// Parameters: account_ids LIST<STRING>.
// Returns: account_id STRING; takedowns INTEGER.
// READ. Starts from: constraint account_id.
UNWIND $account_ids AS account_id
CALL (account_id) {
  MATCH (:Account {id: account_id})<-[target:TARGETS]-()
  RETURN count(target) AS takedowns
}
RETURN account_id, takedowns
