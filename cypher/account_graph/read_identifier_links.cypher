// Links of type USES_IDENTIFIER as columns, a chunk a row.
// An end is the node's internal number, read again with the nodes in the same transaction and kept
// nowhere: an integer for a string makes the reading twice as fast. One statement a type, since the
// union of four types is half as fast.
// Parameters: parts, part INTEGER, the share of all links to return; span INTEGER, of numbers that
//   make a chunk; as_of ZONED DATETIME or null, to leave out what was first seen later.
// Returns: accounts, identifiers, first_seen_ms, last_seen_ms, events, each LIST<INTEGER>.
// READ. Starts from: the relationship type look-up index, in the order of the store.
MATCH (account)-[link:USES_IDENTIFIER]->(identifier)
WHERE id(link) % $parts = $part AND ($as_of IS NULL OR link.first_seen_at <= $as_of)
WITH id(link) / $span AS chunk,
     collect(id(account)) AS accounts,
     collect(id(identifier)) AS identifiers,
     collect(link.first_seen_at.epochMillis) AS first_seen_ms,
     collect(link.last_seen_at.epochMillis) AS last_seen_ms,
     collect(link.events) AS events
RETURN accounts, identifiers, first_seen_ms, last_seen_ms, events
