// One page of the core members of a ring by account id, with all that each carries.
// Parameters: ring_id STRING; after_id STRING of the last member seen, '' at first; limit INTEGER.
// Returns: account_id, email STRING; signed_up_ms INTEGER or null, milliseconds since 1970; carried
//   LIST<LIST>, each: kind, value STRING.
// READ. Starts from: index member_by_account_id.
MATCH (account)-[m:MEMBER_OF]->()
USING INDEX SEEK m:MEMBER_OF(ring_id, role, account_id)
WHERE m.ring_id = $ring_id AND m.role = 'core' AND m.account_id > $after_id
WITH m, account
ORDER BY m.ring_id, m.role, m.account_id
LIMIT $limit
RETURN m.account_id AS account_id, account.email AS email,
       coalesce(account.signed_up_at, account.first_seen_at).epochMillis AS signed_up_ms,
       COLLECT { MATCH (account)-[:USED_DEVICE]->(i) RETURN ['device', i.id] }
       + COLLECT { MATCH (account)-[:PAID_WITH]->(i) RETURN ['payment_instrument', i.id] }
       + COLLECT { MATCH (account)-[:SEEN_AT]->(i) RETURN ['ip', i.address] }
       + COLLECT { MATCH (account)-[:USES_IDENTIFIER]->(i) RETURN [i.kind, i.value] } AS carried
ORDER BY account_id
