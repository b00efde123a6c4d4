// The migrations that the graph records.
// Parameters: none.
// Returns: number INTEGER, name STRING, checksum STRING; by number.
// READ. Starts from: the label Migration, a handful of nodes.
MATCH (m:Migration)
RETURN m.number AS number, m.name AS name, m.checksum AS checksum
ORDER BY number
