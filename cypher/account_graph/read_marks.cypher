// Which accounts there are and the mark that each was given when it changed last, a chunk a row.
// Parameters: parts, part INTEGER, the share of all accounts to return; span INTEGER, of internal
//   numbers that make a chunk.
// Returns: nodes LIST<INTEGER>, the internal numbers; marks LIST<INTEGER>, 0 where none was given.
// READ. Starts from: the label look-up index, in the order of the store.
MATCH (account:Account)
WHERE id(account) % $parts = $part
WITH id(account) / $span AS chunk,
     collect(id(account)) AS nodes,
     collect(coalesce(account.mark, 0)) AS marks
RETURN nodes, marks
