// All identifiers with all they hold.
// Parameters: none.
// Returns: kind STRING, labels LIST<STRING>, properties MAP; kind after kind, by value.
// READ. Starts from: constraints device_id, ip_address_address, payment_instrument_id and
//   identifier_kind_value, in their order.
MATCH (i:Device)
WHERE i.id IS NOT NULL
RETURN 'device' AS kind, labels(i) AS labels, properties(i) AS properties
ORDER BY i.id
UNION ALL
MATCH (i:IpAddress)
WHERE i.address IS NOT NULL
RETURN 'ip' AS kind, labels(i) AS labels, properties(i) AS properties
ORDER BY i.address
UNION ALL
MATCH (i:PaymentInstrument)
WHERE i.id IS NOT NULL
RETURN 'payment_instrument' AS kind, labels(i) AS labels, properties(i) AS properties
ORDER BY i.id
UNION ALL
MATCH (i:Identifier)
WHERE i.kind IS NOT NULL AND i.value IS NOT NULL
RETURN i.kind AS kind, labels(i) AS labels, properties(i) AS properties
ORDER BY i.kind, i.value
