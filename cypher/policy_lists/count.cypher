// How many entries are on one list, whatever their days, up to a limit.
// Parameters: list STRING; limit INTEGER.
// Returns: entries INTEGER; one row.
// READ. Starts from: index policy_list_entry_living.
MATCH (e:PolicyListEntry {living: true})
WHERE e.list = $list
WITH e LIMIT $limit
RETURN count(e) AS entries
