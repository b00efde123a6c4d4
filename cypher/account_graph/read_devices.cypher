// Devices as columns, a chunk a row.
// Parameters: parts, part INTEGER, the share of all devices to return; span INTEGER, of internal
//   numbers that make a chunk.
// Returns: nodes LIST<INTEGER>, the internal numbers; values LIST<STRING>.
// READ. Starts from: the label look-up index, in the order of the store.
MATCH (device:Device)
WHERE id(device) % $parts = $part
WITH id(device) / $span AS chunk,
     collect(id(device)) AS nodes,
     collect(device.id) AS values
RETURN nodes, values
