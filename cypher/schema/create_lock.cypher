// Let there be a lock of migrations; run and committed before the lock is taken, by every process.
// Parameters: none.
// Returns: nothing.
// WRITE. Starts from: the label MigrationLock, a handful of nodes.
OPTIONAL MATCH (l:MigrationLock)
WITH count(l) AS locks
WHERE locks = 0
CREATE (:MigrationLock)
