// The action that each receipt is for: the one named, or the last one of the account.
// Parameters: takedown_id STRING; indexes LIST<INTEGER>; account_ids, action_ids LIST<STRING or null>,
//   of each receipt one or the other; action_seqs LIST<INTEGER or null>, what an id of an action says
//   of its number.
// Returns: index, seq INTEGER; account_id STRING; no row for a receipt of an action that is not of the
//   takedown.
// READ. Starts from: constraint action_seq and index action_account.
UNWIND range(0, size($indexes) - 1) AS n
WITH $indexes[n] AS index, $account_ids[n] AS account_id, $action_ids[n] AS action_id,
     $action_seqs[n] AS action_seq
CALL (account_id, action_id, action_seq) {
  MATCH (action:Action {seq: action_seq})
  WHERE action.id = action_id AND action.takedown_id = $takedown_id
  RETURN action
  UNION ALL
  MATCH (action:Action {account_id: account_id})
  WHERE action.takedown_id = $takedown_id
  RETURN action ORDER BY action.seq DESC LIMIT 1
}
RETURN index, action.seq AS seq, action.account_id AS account_id
