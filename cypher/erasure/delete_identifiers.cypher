// Take away those of some identifiers that no account carries any more, unless a feed tells of them.
// Parameters: identifiers LIST<STRING>, internal ids; run in the transaction that took the links away.
// Returns: identifier STRING, internal id of each that went.
// WRITE. Starts from: the nodes by their internal ids.
UNWIND $identifiers AS identifier
MATCH (i:Device|PaymentInstrument|IpAddress|Identifier)
WHERE elementId(i) = identifier
SET i += {}
WITH i, identifier
WHERE NOT EXISTS { (i)<--() } AND i.class IS NULL
DELETE i
RETURN identifier
