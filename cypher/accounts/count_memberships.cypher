// How many rings each account is a member of.
// Parameters: account_ids LIST<STRING>.
// Returns: account_id STRING, memberships INTEGER.
// READ. Starts from: constraint account_id; the degree is stored with the node.
UNWIND $account_ids AS account_id
MATCH (a:Account {id: account_id})
RETURN account_id, COUNT { (a)-[:MEMBER_OF]->() } AS memberships
