// How many accounts of the graph are not among some.
// Parameters: ids LIST<STRING>.
// Returns: strangers INTEGER.
// READ. Starts from: constraint account_id, once an id; the rest comes from the count store.
CALL {
  UNWIND $ids AS id
  MATCH (a:Account {id: id})
  RETURN count(a) AS known
}
RETURN COUNT { (:Account) } - known AS strangers
