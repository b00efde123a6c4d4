// Keep what a peer shares, each once; what is kept already holds for as long as the later word says.
// Parameters: source STRING; at ZONED DATETIME, of the import; one entry an indicator, each hash once:
//   hashes, tlps LIST<STRING>, valid_until LIST<ZONED DATETIME>.
// Returns: added INTEGER, how many were not kept before.
// WRITE. Starts from: constraint shared_indicator_hash_source.
UNWIND range(0, size($hashes) - 1) AS n
MERGE (i:SharedIndicator {hash: $hashes[n], source: $source})
ON CREATE SET i.imported_at = $at
WITH n, i, i.valid_until IS NULL AS new
SET i.tlp = $tlps[n],
    i.valid_until = CASE WHEN i.valid_until > $valid_until[n] THEN i.valid_until ELSE $valid_until[n] END
RETURN sum(CASE WHEN new THEN 1 ELSE 0 END) AS added
