// Who shared any of these hashes, of what holds at a moment.
// Parameters: hashes LIST<STRING>; at ZONED DATETIME.
// Returns: hash, source, tlp STRING.
// READ. Starts from: constraint shared_indicator_hash_source, by hash alone. The hint stands since a
//   plan made while there are few would scan them all for each hash.
UNWIND $hashes AS hash
MATCH (i:SharedIndicator)
USING INDEX SEEK i:SharedIndicator(hash, source)
WHERE i.hash = hash AND i.source IS NOT NULL AND i.valid_until > $at
RETURN hash, i.source AS source, i.tlp AS tlp
