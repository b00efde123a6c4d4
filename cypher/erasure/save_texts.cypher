// Put texts in the place of others, where these still stand.
// Parameters, one entry a text: nodes (internal ids), names, before, after LIST<STRING>.
// Returns: nothing.
// WRITE. Starts from: the nodes by their internal ids.
UNWIND range(0, size($nodes) - 1) AS n
MATCH (t:Note|Investigation|Verdict|Takedown|PolicyListEntry|LegalHold|TakedownDesk|Screening)
WHERE elementId(t) = $nodes[n]
WITH t, $names[n] AS name, $before[n] AS before, $after[n] AS after
WHERE t[name] = before
SET t[name] = after
