// Wait for every lock of migrations, in one order, and hold them to the end of the transaction.
// Parameters: none.
// Returns: nothing.
// WRITE. Starts from: the label MigrationLock, a handful of nodes.
MATCH (l:MigrationLock)
WITH l ORDER BY elementId(l)
SET l.taken_at = datetime()
