// One page of members of each ring by account id, rising.
// Parameters: ring_ids LIST<STRING>; roles LIST<STRING>, those asked for; after_id STRING of the last
//   member seen, '' at first; limit INTEGER.
// Returns: ring_id STRING, members LIST<LIST> in order, as rings/page_members_by_strength does; all
//   ranks are 0.0.
// READ. Starts from: constraint ring_id, then index member_by_account_id. A seek in the order of the
//   index ends at the limit. The order names all keys of the index, else the plan reads all that
//   follow and sorts them.
UNWIND $ring_ids AS ring_id
MATCH (:Ring {id: ring_id})
CALL (ring_id) {
  UNWIND $roles AS role
  CALL (ring_id, role) {
    MATCH ()-[m:MEMBER_OF]->()
    USING INDEX SEEK m:MEMBER_OF(ring_id, role, account_id)
    WHERE m.ring_id = ring_id AND m.role = role AND m.account_id > $after_id
    RETURN m
    ORDER BY m.ring_id, m.role, m.account_id
    LIMIT $limit
  }
  WITH m
  ORDER BY m.account_id
  LIMIT $limit
  RETURN collect([
    m.account_id, 0.0, m.role, m.strength, m.because_kinds, m.because_values, m.joined_because
  ]) AS members
}
RETURN ring_id, members
