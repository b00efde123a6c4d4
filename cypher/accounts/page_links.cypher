// One page of what each account used, by kind and value.
// Parameters: account_ids LIST<STRING>; after_kind, after_value STRING of the last link seen, or null; limit INTEGER.
// Returns: account_id STRING, links LIST<MAP {kind, value, first_seen_ms, last_seen_ms, events}> in order.
// READ. Starts from: constraint account_id.
UNWIND $account_ids AS account_id
MATCH (a:Account {id: account_id})
CALL (a) {
  MATCH (a)-[l:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]->(i)
  WITH l, CASE type(l) WHEN 'USED_DEVICE' THEN 'device' WHEN 'PAID_WITH' THEN 'payment_instrument'
      WHEN 'SEEN_AT' THEN 'ip' ELSE i.kind END AS kind,
    coalesce(i.address, i.value, i.id) AS value
  WHERE $after_kind IS NULL OR kind > $after_kind OR (kind = $after_kind AND value > $after_value)
  WITH l, kind, value
  ORDER BY kind, value
  LIMIT $limit
  RETURN collect({
    kind: kind, value: value, first_seen_ms: l.first_seen_at.epochMillis,
    last_seen_ms: l.last_seen_at.epochMillis, events: l.events
  }) AS links
}
RETURN account_id, links
