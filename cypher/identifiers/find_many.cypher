// Identifiers by kind and value, with how many accounts carry each.
// Parameters: device_ids, instrument_ids, addresses LIST<STRING>; other_kinds, other_values LIST<STRING> of equal length.
// Returns: kind, value STRING; accounts INTEGER; instrument_kind, bin, funding, country STRING (of payment instruments); address_class STRING and proxy BOOLEAN (of addresses).
// READ. Starts from: constraints device_id, payment_instrument_id, ip_address_address, identifier_kind_value.
CALL () {
  UNWIND $device_ids AS value
  MATCH (i:Device {id: value})
  RETURN i, 'device' AS kind, value
  UNION ALL
  UNWIND $instrument_ids AS value
  MATCH (i:PaymentInstrument {id: value})
  RETURN i, 'payment_instrument' AS kind, value
  UNION ALL
  UNWIND $addresses AS value
  MATCH (i:IpAddress {address: value})
  RETURN i, 'ip' AS kind, value
  UNION ALL
  UNWIND range(0, size($other_kinds) - 1) AS at
  MATCH (i:Identifier {kind: $other_kinds[at], value: $other_values[at]})
  RETURN i, i.kind AS kind, i.value AS value
}
RETURN kind, value,
  COUNT { (i)<-[:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]-() } AS accounts,
  CASE kind WHEN 'payment_instrument' THEN i.kind END AS instrument_kind, i.bin AS bin,
  i.funding AS funding, i.country AS country, i.class AS address_class, i:ProxyIp AS proxy
