// Know accounts as erased, by a list of a later state of the graph; those that are known stay.
// Parameters, one entry an account, sorted by hash: hashes, key_ids LIST<STRING>; ats_ms
//   LIST<INTEGER>, milliseconds since 1970.
// Returns: added INTEGER, how many were not known.
// WRITE. Starts from: constraint erased_hash.
UNWIND range(0, size($hashes) - 1) AS n
MERGE (e:Erased {hash: $hashes[n]})
  ON CREATE SET e.at = datetime.fromEpochMillis($ats_ms[n]), e.key_id = $key_ids[n], e.new = true
WITH e, coalesce(e.new, false) AS new
REMOVE e.new
RETURN count(CASE WHEN new THEN 1 END) AS added
