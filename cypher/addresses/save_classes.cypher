// Let IP addresses tell the class that a feed gives them, and label the exits of proxies and VPNs.
// The newest word wins; of one day the greater source, then class, so that order does not matter.
// An address without accounts is created: a feed may come before the events.
// Parameters, one entry an address, sorted by it: addresses, classes, sources LIST<STRING>,
//   seen_on LIST<STRING> of ISO dates, proxies LIST<BOOLEAN>.
// Returns: nothing.
// WRITE. Starts from: constraint ip_address_address.
UNWIND range(0, size($addresses) - 1) AS n
MERGE (i:IpAddress {address: $addresses[n]})
SET i += {}
WITH i, n, date($seen_on[n]) AS day
WHERE i.class IS NULL
  OR i.class_seen_on < day
  OR (i.class_seen_on = day
    AND (i.class_source < $sources[n]
      OR (i.class_source = $sources[n] AND i.class < $classes[n])))
SET i.class = $classes[n], i.class_source = $sources[n], i.class_seen_on = day
FOREACH (_ IN CASE WHEN $proxies[n] THEN [1] ELSE [] END | SET i:ProxyIp)
FOREACH (_ IN CASE WHEN $proxies[n] THEN [] ELSE [1] END | REMOVE i:ProxyIp)
