// Rings with their members as columns, a ring a row; those closed or dismissed are left out.
// Parameters: ring_ids LIST<STRING>, only these, or null for all.
// Returns: id, operation_id, grade, tier STRING, score FLOAT; account_ids, roles, joined_because
//   LIST<STRING>, in no order; by id.
// READ. Starts from: the label Ring; rings are few beside accounts.
MATCH (ring:Ring)
WHERE NOT ring.state IN ['closed', 'dismissed'] AND ($ring_ids IS NULL OR ring.id IN $ring_ids)
WITH ring ORDER BY ring.id
CALL (ring) {
  MATCH (account:Account)-[member:MEMBER_OF]->(ring)
  RETURN collect(account.id) AS account_ids,
         collect(member.role) AS roles,
         collect(member.joined_because) AS joined_because
}
RETURN ring.id AS id, ring.operation_id AS operation_id, ring.score AS score,
       ring.grade AS grade, ring.tier AS tier, account_ids, roles, joined_because
