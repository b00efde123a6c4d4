// A version of an entry is written once and found by what it stands for.
CREATE CONSTRAINT policy_list_entry_key_version IF NOT EXISTS
FOR (e:PolicyListEntry) REQUIRE (e.list, e.kind, e.value, e.version) IS UNIQUE
