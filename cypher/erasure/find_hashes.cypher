// Which of some hashes stand for accounts that were erased.
// Parameters: hashes LIST<STRING>.
// Returns: hash STRING.
// READ. Starts from: constraint erased_hash.
UNWIND $hashes AS hash
MATCH (e:Erased {hash: hash})
RETURN e.hash AS hash
