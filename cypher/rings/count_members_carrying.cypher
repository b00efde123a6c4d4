// How many members of each ring carry an identifier.
// Parameters: ring_ids LIST<STRING>; kind, value STRING; role STRING or null for both; limit INTEGER.
// Returns: ring_id STRING, members INTEGER, at most limit.
// READ. Starts from: constraint ring_id, then constraints device_id, payment_instrument_id,
//   ip_address_address, identifier_kind_value.
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
  MATCH (i)<-[:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]-(:Account)-[m:MEMBER_OF]->(r)
  WHERE $role IS NULL OR m.role = $role
  WITH m LIMIT $limit
  RETURN count(*) AS members
}
RETURN ring_id, members
