// What each account used, with first and last use; all in one row, since a row of its own for each
// account would cost more than its reading.
// Parameters: account_ids LIST<STRING>.
// Returns: accounts LIST<LIST>, each: account_id STRING; links LIST<LIST>, each: kind, value STRING,
//   first_seen_ms, last_seen_ms INTEGER (milliseconds since 1970, or null), events INTEGER; in no order.
// READ. Starts from: constraint account_id.
UNWIND $account_ids AS account_id
MATCH (a:Account {id: account_id})
CALL (a) {
  MATCH (a)-[l:USED_DEVICE|PAID_WITH|SEEN_AT|USES_IDENTIFIER]->(i)
  RETURN collect([
    CASE type(l) WHEN 'USED_DEVICE' THEN 'device' WHEN 'PAID_WITH' THEN 'payment_instrument'
      WHEN 'SEEN_AT' THEN 'ip' ELSE i.kind END,
    coalesce(i.address, i.value, i.id), l.first_seen_at.epochMillis, l.last_seen_at.epochMillis,
    coalesce(l.events, 0)
  ]) AS links
}
RETURN collect([account_id, links]) AS accounts
