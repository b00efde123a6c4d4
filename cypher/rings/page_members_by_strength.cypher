// One page of members of each ring, the most firmly tied first, ties by account id.
// Parameters: ring_ids LIST<STRING>; roles LIST<STRING>, those asked for; after_rank FLOAT and after_id
//   STRING of the last member seen, -Infinity and '' at first; limit INTEGER.
// Returns: ring_id STRING, members LIST<LIST> in order, each: account_id STRING, rank FLOAT, role STRING,
//   strength FLOAT, because_kinds, because_values LIST<STRING>, joined_because STRING.
// READ. Starts from: constraint ring_id, then index member_by_strength. A seek in the order of the index
//   ends at the limit: the ties of the place first, then what comes after them. The order names all
//   keys of the index, else the plan reads all that follow and sorts them.
UNWIND $ring_ids AS ring_id
MATCH (:Ring {id: ring_id})
CALL (ring_id) {
  UNWIND $roles AS role
  CALL (ring_id, role) {
    MATCH ()-[m:MEMBER_OF]->()
    USING INDEX SEEK m:MEMBER_OF(ring_id, role, rank, account_id)
    WHERE m.ring_id = ring_id AND m.role = role AND m.rank = $after_rank AND m.account_id > $after_id
    RETURN m
    ORDER BY m.ring_id, m.role, m.rank, m.account_id
    LIMIT $limit
    UNION ALL
    MATCH ()-[m:MEMBER_OF]->()
    USING INDEX SEEK m:MEMBER_OF(ring_id, role, rank, account_id)
    WHERE m.ring_id = ring_id AND m.role = role AND m.rank > $after_rank AND m.account_id IS NOT NULL
    RETURN m
    ORDER BY m.ring_id, m.role, m.rank, m.account_id
    LIMIT $limit
  }
  WITH m
  ORDER BY m.rank, m.account_id
  LIMIT $limit
  RETURN collect([
    m.account_id, m.rank, m.role, m.strength, m.because_kinds, m.because_values, m.joined_because
  ]) AS members
}
RETURN ring_id, members
