// How many accounts and rings the graph holds.
// Parameters: none.
// Returns: accounts INTEGER, rings INTEGER.
// READ. Starts from: the count store, no scan.
RETURN COUNT { (:Account) } AS accounts, COUNT { (:Ring) } AS rings
