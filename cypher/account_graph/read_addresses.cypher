// IP addresses as columns, a chunk a row.
// Parameters: parts, part INTEGER, the share of all addresses to return; span INTEGER, of internal
//   numbers that make a chunk; absent STRING, which stands for a class not known (collect
//   drops nulls).
// Returns: nodes LIST<INTEGER>, the internal numbers; values, address_class, each LIST<STRING>.
// READ. Starts from: the label look-up index, in the order of the store.
MATCH (address:IpAddress)
WHERE id(address) % $parts = $part
WITH id(address) / $span AS chunk,
     collect(id(address)) AS nodes,
     collect(address.address) AS values,
     collect(coalesce(address.class, $absent)) AS address_class
RETURN nodes, values, address_class
