// Put a new version of an entry on its list.
// Parameters: list, kind, value, reason, owner, by STRING; begins_on (or null), ends_on STRING, ISO
//   dates; version INTEGER.
// Returns: nothing.
// WRITE. Starts from: constraint policy_list_entry_key_version.
MERGE (e:PolicyListEntry {list: $list, kind: $kind, value: $value, version: $version})
ON CREATE SET
  e.living = true,
  e.reason = $reason,
  e.owner = $owner,
  e.begins_on = date($begins_on),
  e.ends_on = date($ends_on),
  e.added_by = $by,
  e.added_at = datetime.truncate('millisecond', datetime.realtime())
