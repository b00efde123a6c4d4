// One page of the accounts that used each identifier, by account id.
// Parameters: kinds, values LIST<STRING> of equal length; after_id STRING of the last account seen, or null; limit INTEGER.
// Returns: kind, value STRING; links LIST<MAP {account_id, first_seen_ms, last_seen_ms, events}> in order.
// READ. Starts from: constraints device_id, payment_instrument_id, ip_address_address, identifier_kind_value.
UNWIND range(0, size($kinds) - 1) AS at
WITH $kinds[at] AS kind, $values[at] AS value
CALL (kind, value) {
  WITH kind, value WHERE kind = 'device'
  MATCH (i:Device {id: value})
  RETURN i
  UNION ALL
  WITH kind, value WHERE kind = 'payment_instrument'
  MATCH (i:PaymentInstrument {id: value})
  RETURN i
  UNION ALL
  WITH kind, value WHERE kind = 'ip'
  MATCH (i:IpAddress {address: value})
  RETURN i
  UNION ALL
  MATCH (i:Identifier {kind: kind, value: value})
  RETURN i
}
CALL (i) {
  MATCH (i)<-[l:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]-(a:Account)
  WHERE $after_id IS NULL OR a.id > $after_id
  WITH l, a.id AS account_id
  ORDER BY account_id
  LIMIT $limit
  RETURN collect({
    account_id: account_id, first_seen_ms: l.first_seen_at.epochMillis,
    last_seen_ms: l.last_seen_at.epochMillis, events: l.events
  }) AS links
}
RETURN kind, value, links
