// One page of the rings that each account is a member of, highest score first, ties by ring id.
// Parameters: account_ids LIST<STRING>; after_rank FLOAT (the score, negated) and after_id STRING of the last ring seen, or null; limit INTEGER.
// Returns: account_id STRING, memberships LIST<LIST> in order, each: ring_id STRING, rank FLOAT, role STRING, strength FLOAT, because_kinds, because_values LIST<STRING>, joined_because STRING.
// READ. Starts from: constraint account_id.
UNWIND $account_ids AS account_id
MATCH (a:Account {id: account_id})
CALL (a) {
  MATCH (a)-[m:MEMBER_OF]->(r:Ring)
  WITH m, r.id AS ring_id, toFloat(-r.score) AS rank
  WHERE $after_rank IS NULL OR rank > $after_rank OR (rank = $after_rank AND ring_id > $after_id)
  WITH m, ring_id, rank
  ORDER BY rank, ring_id
  LIMIT $limit
  RETURN collect([
    ring_id, rank, m.role, m.strength, m.because_kinds, m.because_values, m.joined_because
  ]) AS memberships
}
RETURN account_id, memberships
