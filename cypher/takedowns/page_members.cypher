// One page of the members of a ring by account id, with what a plan has to know of each.
// Parameters: ring_id, role STRING; after_id STRING of the last member seen, '' at first; limit
//   INTEGER.
// Returns: members LIST<LIST>, each: account_id STRING, strength FLOAT, because_kinds, because_values
//   LIST<STRING>, standing STRING or null, verified_organisation, protected, appeal_open BOOLEAN,
//   signed_up_ms INTEGER or null, charges_succeeded, charges_disputed INTEGER, paid LIST<LIST>
//   (currency STRING, minor units INTEGER), requests INTEGER, at_campus BOOLEAN.
// READ. Starts from: index member_by_account_id.
MATCH (a)-[m:MEMBER_OF]->()
USING INDEX SEEK m:MEMBER_OF(ring_id, role, account_id)
WHERE m.ring_id = $ring_id AND m.role = $role AND m.account_id > $after_id
WITH m, a
ORDER BY m.ring_id, m.role, m.account_id
LIMIT $limit
RETURN collect([
  m.account_id, m.strength, m.because_kinds, m.because_values, a.standing,
  coalesce(a.verified_organisation, false), a.protected_because IS NOT NULL,
  EXISTS { (a)-[:LODGED]->(:Appeal {state: 'open'}) },
  a.signed_up_at.epochMillis, coalesce(a.charges_succeeded, 0), coalesce(a.charges_disputed, 0),
  [k IN keys(a) WHERE k STARTS WITH 'paid_minor_' | [substring(k, size('paid_minor_')), a[k]]],
  coalesce(a.requests, 0), EXISTS { (a)-[:SEEN_AT]->(:IpAddress {class: 'campus'}) }
]) AS members
