// The latest version of an entry, and whether it is on its list.
// Parameters: list, kind, value STRING.
// Returns: entry MAP {list, kind, value, reason, owner STRING; version INTEGER;
//   begins_on (or null), ends_on STRING, ISO dates}; living BOOLEAN; no row if there never was one.
// READ. Starts from: constraint policy_list_entry_key_version.
MATCH (e:PolicyListEntry {list: $list, kind: $kind, value: $value})
WHERE e.version > 0
RETURN e {
  .list, .kind, .value, .version, .reason, .owner, begins_on: toString(e.begins_on),
  ends_on: toString(e.ends_on)
} AS entry, e.living IS NOT NULL AS living
ORDER BY e.version DESC
LIMIT 1
