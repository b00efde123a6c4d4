// How many identifiers each account used.
// Parameters: account_ids LIST<STRING>.
// Returns: account_id STRING, links INTEGER.
// READ. Starts from: constraint account_id; degrees are stored with the node.
UNWIND $account_ids AS account_id
MATCH (a:Account {id: account_id})
RETURN account_id, COUNT { (a)-[:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]->() } AS links
