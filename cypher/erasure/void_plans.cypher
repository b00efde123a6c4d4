// Give up plans that wait to be started and may name the accounts.
// Parameters: ids LIST<STRING>; because STRING; at_ms INTEGER, milliseconds since 1970.
// Returns: id STRING, of each takedown.
// WRITE. Starts from: index takedown_state, so that without plans nothing is looked at.
MATCH (t:Takedown)
WHERE t.state IN ['planned', 'approved']
  AND EXISTS {
    MATCH (t)-[:OF]->(:Ring)<-[:MEMBER_OF|WAS_MEMBER_OF]-(a:Account)
    WHERE a.id IN $ids
  }
SET t += {}
WITH t
WHERE t.state IN ['planned', 'approved']
SET t.state = 'void', t.because = $because, t.ended_at = datetime.fromEpochMillis($at_ms)
REMOVE t.plan
RETURN t.id AS id
