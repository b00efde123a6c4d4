// The next accounts that were erased, after one, in order of their hashes.
// Parameters: after STRING, '' at first; limit INTEGER.
// Returns: hash, key_id STRING; at_ms INTEGER, milliseconds since 1970.
// READ. Starts from: constraint erased_hash, in its order.
MATCH (e:Erased)
WHERE e.hash > $after
RETURN e.hash AS hash, e.key_id AS key_id, e.at.epochMillis AS at_ms
ORDER BY hash
LIMIT $limit
