// How many takedowns there are.
// Parameters: states LIST<STRING>, or null for any.
// Returns: takedowns INTEGER.
// READ. Starts from: the label Takedown; they are few beside accounts.
MATCH (t:Takedown)
WHERE $states IS NULL OR t.state IN $states
RETURN count(t) AS takedowns
