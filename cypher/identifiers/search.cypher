// Accounts and identifiers that bear exactly one of the given keys.
// Parameters: account_id, device_id, instrument_id, address STRING or null; emails LIST<STRING>; other_kinds, other_values LIST<STRING> of equal length; after_place INTEGER and after_key STRING of the last hit seen, or null; limit INTEGER.
// Returns: place INTEGER (0 account by id, 1 identifier, 2 account by e-mail), kind STRING, value STRING (the account id, or the identifier's value), key STRING; by place and key.
// READ. Starts from: constraints account_id, device_id, payment_instrument_id, ip_address_address, identifier_kind_value, index account_email.
CALL () {
  MATCH (a:Account {id: $account_id})
  RETURN 0 AS place, 'account' AS kind, a.id AS value, a.id AS key
  UNION ALL
  MATCH (i:Device {id: $device_id})
  RETURN 1 AS place, 'device' AS kind, i.id AS value, 'device' AS key
  UNION ALL
  MATCH (i:PaymentInstrument {id: $instrument_id})
  RETURN 1 AS place, 'payment_instrument' AS kind, i.id AS value, 'payment_instrument' AS key
  UNION ALL
  MATCH (i:IpAddress {address: $address})
  RETURN 1 AS place, 'ip' AS kind, i.address AS value, 'ip' AS key
  UNION ALL
  UNWIND range(0, size($other_kinds) - 1) AS at
  MATCH (i:Identifier {kind: $other_kinds[at], value: $other_values[at]})
  RETURN 1 AS place, i.kind AS kind, i.value AS value, i.kind AS key
  UNION ALL
  MATCH (a:Account)
  WHERE a.email IN $emails AND a.id <> coalesce($account_id, '')
  RETURN 2 AS place, 'account' AS kind, a.id AS value, a.id AS key
}
WITH place, kind, value, key
WHERE $after_place IS NULL OR place > $after_place OR (place = $after_place AND key > $after_key)
RETURN place, kind, value, key
ORDER BY place, key
LIMIT $limit
