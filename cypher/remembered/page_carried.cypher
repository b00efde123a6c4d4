// One page of the members of a ring by account id, with all that each carries and how many accounts
// carry the same.
// Parameters: ring_id, role STRING; after_id STRING of the last member seen, '' at first; limit
//   INTEGER.
// Returns: account_id, email STRING; carried LIST<LIST>, each: kind, value STRING, carriers INTEGER.
// READ. Starts from: index member_by_account_id. The carriers are read off the degree of a node.
MATCH (account)-[m:MEMBER_OF]->()
USING INDEX SEEK m:MEMBER_OF(ring_id, role, account_id)
WHERE m.ring_id = $ring_id AND m.role = $role AND m.account_id > $after_id
WITH m, account
ORDER BY m.ring_id, m.role, m.account_id
LIMIT $limit
CALL (account) {
  MATCH (account)-[:USED_DEVICE]->(i)
  RETURN collect(['device', i.id, COUNT { (i)<-[:USED_DEVICE]-() }]) AS devices
}
CALL (account) {
  MATCH (account)-[:PAID_WITH]->(i)
  RETURN collect(['payment_instrument', i.id, COUNT { (i)<-[:PAID_WITH]-() }]) AS instruments
}
CALL (account) {
  MATCH (account)-[:SEEN_AT]->(i)
  RETURN collect(['ip', i.address, COUNT { (i)<-[:SEEN_AT]-() }]) AS addresses
}
CALL (account) {
  MATCH (account)-[:USES_IDENTIFIER]->(i)
  RETURN collect([i.kind, i.value, COUNT { (i)<-[:USES_IDENTIFIER]-() }]) AS others
}
RETURN m.account_id AS account_id, account.email AS email,
       devices + instruments + addresses + others AS carried
ORDER BY account_id
