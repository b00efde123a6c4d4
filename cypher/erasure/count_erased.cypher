// How many accounts were erased so far.
// Parameters: none.
// Returns: erased INTEGER.
// READ. Starts from: the count store, no scan.
RETURN COUNT { (:Erased) } AS erased
