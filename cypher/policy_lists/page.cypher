// A page of the entries that are on one list, whatever their days, by kind and value.
// Parameters: list STRING; after_kind and after_value STRING of the last one seen, '' for none;
//   limit INTEGER.
// Returns: entry MAP {list, kind, value, reason, owner STRING; version INTEGER;
//   begins_on (or null), ends_on STRING, ISO dates}.
// READ. Starts from: constraint policy_list_entry_key_version, twice; in the order of its
//   keys, so that a page is read where it lies.
CALL () {
  MATCH (e:PolicyListEntry)
  WHERE e.list = $list AND e.kind = $after_kind AND e.value > $after_value AND e.version > 0
    AND e.living
  RETURN e ORDER BY e.list, e.kind, e.value, e.version LIMIT $limit
  UNION ALL
  MATCH (e:PolicyListEntry)
  WHERE e.list = $list AND e.kind > $after_kind AND e.value > '' AND e.version > 0
    AND e.living
  RETURN e ORDER BY e.list, e.kind, e.value, e.version LIMIT $limit
}
RETURN e {
  .list, .kind, .value, .version, .reason, .owner, begins_on: toString(e.begins_on),
  ends_on: toString(e.ends_on)
} AS entry
ORDER BY e.kind, e.value
LIMIT $limit
