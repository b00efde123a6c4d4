// Wait until all indexes are filled.
// Parameters: seconds INTEGER.
// Returns: nothing.
// READ. Starts from: the schema.
CALL db.awaitIndexes($seconds)
