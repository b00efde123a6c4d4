// One page of those who were members of each ring at a moment, in a chosen order, ties by account id.
// Parameters: ring_ids LIST<STRING>; as_of ZONED DATETIME; order STRING (strength: falling, account_id: rising); role STRING or null for both; after_rank FLOAT and after_id STRING of the last member seen, or null; limit INTEGER.
// Returns: ring_id STRING, members LIST<LIST> in order, each: account_id STRING, rank FLOAT, role STRING, strength FLOAT, because_kinds, because_values LIST<STRING>, joined_because STRING.
// READ. Starts from: constraint ring_id; all that were members of the ring are read and sorted.
UNWIND $ring_ids AS ring_id
MATCH (r:Ring {id: ring_id})
CALL (r) {
  MATCH (a:Account)-[m:MEMBER_OF|WAS_MEMBER_OF]->(r)
  WHERE m.since <= $as_of AND coalesce(m.until > $as_of, true)
    AND ($role IS NULL OR m.role = $role)
  WITH a.id AS account_id, m, CASE $order WHEN 'strength' THEN toFloat(-m.strength) ELSE 0.0 END AS rank
  WHERE $after_rank IS NULL OR rank > $after_rank OR (rank = $after_rank AND account_id > $after_id)
  WITH account_id, m, rank
  ORDER BY rank, account_id
  LIMIT $limit
  RETURN collect([
    account_id, rank, m.role, m.strength, m.because_kinds, m.because_values, m.joined_because
  ]) AS members
}
RETURN ring_id, members
