// Forget what a peer takes back.
// Parameters: source STRING; hashes LIST<STRING>.
// Returns: removed INTEGER.
// WRITE. Starts from: constraint shared_indicator_hash_source.
UNWIND $hashes AS hash
MATCH (i:SharedIndicator {hash: hash, source: $source})
DELETE i
RETURN count(*) AS removed
