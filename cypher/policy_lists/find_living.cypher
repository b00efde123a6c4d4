// The entries that are on the lists, whatever their days, in columns: a row an entry takes Neo4j and
// its driver three times as long.
// Parameters: none.
// Returns, one entry a place of each list, sorted by list, kind and value: lists, kinds, values,
//   reasons, owners LIST<STRING>; versions LIST<INTEGER>; begins_on (or '') and ends_on LIST<STRING>
//   of ISO dates; one row.
// READ. Starts from: index policy_list_entry_living.
MATCH (e:PolicyListEntry {living: true})
WITH e ORDER BY e.list, e.kind, e.value
RETURN collect(e.list) AS lists, collect(e.kind) AS kinds, collect(e.value) AS values,
       collect(e.reason) AS reasons, collect(e.owner) AS owners, collect(e.version) AS versions,
       collect(coalesce(toString(e.begins_on), '')) AS begins_on,
       collect(toString(e.ends_on)) AS ends_on
