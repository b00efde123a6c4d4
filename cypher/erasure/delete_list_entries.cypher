// Take away all versions of list entries that name identifiers which only the accounts carried.
// Parameters, one entry an identifier: kinds, values, owners (of each, an account) LIST<STRING>.
// Returns: account_id, list STRING; version INTEGER, one row an entry.
// WRITE. Starts from: constraint policy_list_entry_key_version.
UNWIND range(0, size($kinds) - 1) AS n
UNWIND ['allow', 'block'] AS list
MATCH (e:PolicyListEntry {list: list, kind: $kinds[n], value: $values[n]})
WHERE e.version > 0
WITH e, list, e.version AS version, $owners[n] AS account_id
DELETE e
RETURN account_id, list, version
