// One page of the members of each ring that carry an identifier, in a chosen order, ties by account id.
// Parameters: ring_ids LIST<STRING>; kind, value STRING; order STRING (strength: falling, account_id:
//   rising); role STRING or null for both; after_rank FLOAT and after_id STRING of the last member seen,
//   or null; limit INTEGER.
// Returns: ring_id STRING, members LIST<LIST> in order, as rings/page_members_by_strength does.
// READ. Starts from: constraint ring_id, then constraints device_id, payment_instrument_id,
//   ip_address_address, identifier_kind_value; all that carry the identifier are read and sorted.
UNWIND $ring_ids AS ring_id
MATCH (r:Ring {id: ring_id})
CALL (r) {
  CALL () {
    WITH * WHERE $kind = 'device'
    MATCH (i:Device {id: $value})
    RETURN i
    UNION ALL
    WITH * WHERE $kind = 'payment_instrument'
    MATCH (i:PaymentInstrument {id: $value})
    RETURN i
    UNION ALL
    WITH * WHERE $kind = 'ip'
    MATCH (i:IpAddress {address: $value})
    RETURN i
    UNION ALL
    MATCH (i:Identifier {kind: $kind, value: $value})
    RETURN i
  }
  MATCH (i)<-[:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]-(a:Account)-[m:MEMBER_OF]->(r)
  WHERE $role IS NULL OR m.role = $role
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
