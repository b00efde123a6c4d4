// Identifiers of further kinds as columns, a chunk a row.
// Parameters: parts, part INTEGER, the share of all identifiers to return; span INTEGER, of internal
//   numbers that make a chunk.
// Returns: nodes LIST<INTEGER>, the internal numbers; kinds, values, each LIST<STRING>.
// READ. Starts from: the label look-up index, in the order of the store.
MATCH (identifier:Identifier)
WHERE id(identifier) % $parts = $part
WITH id(identifier) / $span AS chunk,
     collect(id(identifier)) AS nodes,
     collect(identifier.kind) AS kinds,
     collect(identifier.value) AS values
RETURN nodes, kinds, values
