// Open an appeal of an account against a takedown that holds it, or meet the one that is open.
// Parameters: id, account_id, takedown_id, by, statement STRING; at_ms INTEGER, milliseconds since 1970.
// Returns: id, statement STRING, of the appeal that is open now; created BOOLEAN; takedown_state STRING;
//   no row if the takedown does not hold the account.
// WRITE. Starts from: constraints takedown_id and account_id. Takedown and account are locked in that
//   order, as those who act on accounts lock them, so that nobody is acted on beside an open appeal.
MATCH (t:Takedown {id: $takedown_id})
SET t += {}
WITH t
MATCH (a:Account {id: $account_id})
SET a += {}
WITH t, a
MATCH (t)-[:TARGETS {state: 'acted'}]->(a)
CALL (t, a) {
  OPTIONAL MATCH (a)-[:LODGED]->(one:Appeal {state: 'open', takedown_id: t.id})
  RETURN one LIMIT 1
}
CALL (a) {
  OPTIONAL MATCH (action:Action {account_id: a.id})
  WHERE action.takedown_id = $takedown_id AND action.kind = 'apply'
  RETURN action.id AS action_id
  ORDER BY action.seq DESC LIMIT 1
}
FOREACH (_ IN CASE WHEN one IS NULL THEN [1] ELSE [] END |
  CREATE (a)-[:LODGED]->(appeal:Appeal {
    id: $id, account_id: a.id, takedown_id: t.id, action_id: action_id, state: 'open',
    opened_at: datetime.fromEpochMillis($at_ms), opened_by: $by, statement: $statement
  })
  CREATE (appeal)-[:AGAINST]->(t)
)
RETURN coalesce(one.id, $id) AS id, coalesce(one.statement, $statement) AS statement,
       one IS NULL AS created, t.state AS takedown_state
