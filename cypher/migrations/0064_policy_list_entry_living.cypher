// The entries that are on the lists now are found without reading those that were.
CREATE INDEX policy_list_entry_living IF NOT EXISTS FOR (e:PolicyListEntry) ON (e.living)
