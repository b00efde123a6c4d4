// How many nodes the graph holds beside the record of its migrations.
// Parameters: none.
// Returns: nodes INTEGER.
// READ. Starts from: the count store, no scan.
RETURN COUNT { () } - COUNT { (:Migration) } - COUNT { (:MigrationLock) } AS nodes
