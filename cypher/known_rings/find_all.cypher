// Rings with their members and how firmly each is tied, a ring a row; closed rings with those they
// had, so that a ring that comes back is known.
// Parameters: none.
// Returns: id, operation_id STRING; account_ids LIST<STRING>, strengths LIST<FLOAT>; by id.
// READ. Starts from: the label Ring; rings are few beside accounts.
MATCH (account:Account)-[member:MEMBER_OF|WAS_MEMBER_OF]->(ring:Ring)
WITH ring, collect(account.id) AS account_ids, collect(member.strength) AS strengths
RETURN ring.id AS id, ring.operation_id AS operation_id, account_ids, strengths
ORDER BY id
