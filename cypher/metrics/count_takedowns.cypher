// How many takedowns there are by state.
// Parameters: none.
// Returns: state STRING; takedowns INTEGER.
// READ. Starts from: the label Takedown; they are few beside accounts.
MATCH (t:Takedown)
RETURN t.state AS state, count(*) AS takedowns
