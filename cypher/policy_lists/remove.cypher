// Take a version of an entry off its list; it is kept.
// Parameters: list, kind, value, by, reason STRING; version INTEGER.
// Returns: nothing.
// WRITE. Starts from: constraint policy_list_entry_key_version.
MATCH (e:PolicyListEntry {list: $list, kind: $kind, value: $value, version: $version})
REMOVE e.living
SET e.removed_by = $by,
    e.removed_because = $reason,
    e.removed_at = datetime.truncate('millisecond', datetime.realtime())
