// How many members carry both of two identifiers, for pairs among those that are the strongest
// evidence of each ring; most members first.
// Parameters: ring_ids LIST<STRING>; identifiers INTEGER, the strongest looked at; limit INTEGER, pairs
//   a ring.
// Returns: ring_id STRING; ties LIST<MAP {left, right (ranks of evidence), members}> in order.
// READ. Starts from: constraint ring_id, then constraints device_id, payment_instrument_id,
//   ip_address_address, identifier_kind_value.
UNWIND $ring_ids AS ring_id
MATCH (r:Ring {id: ring_id})
CALL (r) {
  MATCH (r)-[:HAS_EVIDENCE]->(e:Evidence)
  WITH r, e ORDER BY e.rank LIMIT $identifiers
  CALL (e) {
    WITH e WHERE e.kind = 'device'
    MATCH (i:Device {id: e.value})
    RETURN i
    UNION ALL
    WITH e WHERE e.kind = 'payment_instrument'
    MATCH (i:PaymentInstrument {id: e.value})
    RETURN i
    UNION ALL
    WITH e WHERE e.kind = 'ip'
    MATCH (i:IpAddress {address: e.value})
    RETURN i
    UNION ALL
    MATCH (i:Identifier {kind: e.kind, value: e.value})
    RETURN i
  }
  MATCH (i)<-[:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]-(a:Account)-[:MEMBER_OF]->(r)
  WITH a, collect(DISTINCT e.rank) AS ranks
  UNWIND ranks AS left
  UNWIND ranks AS right
  WITH left, right, count(*) AS members
  WHERE left < right
  ORDER BY members DESC, left, right
  LIMIT $limit
  RETURN collect({left: left, right: right, members: members}) AS ties
}
RETURN ring_id, ties
