// IP addresses that a feed has classed, as columns, a chunk a row.
// Parameters: span INTEGER, of internal numbers that make a chunk.
// Returns: values, address_class LIST<STRING>.
// READ. Starts from: index ip_address_class.
MATCH (address:IpAddress)
WHERE address.class IS NOT NULL
WITH id(address) / $span AS chunk,
     collect(address.address) AS values,
     collect(address.class) AS address_class
RETURN values, address_class
