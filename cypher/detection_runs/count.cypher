// How many detection runs the graph holds.
// Parameters: none.
// Returns: runs INTEGER.
// READ. Starts from: the count store, no scan.
RETURN COUNT { (:DetectionRun) } AS runs
