// How many investigations are kept.
// Parameters: none.
// Returns: investigations INTEGER.
// READ. Starts from: the count store of the label.
MATCH (i:Investigation)
RETURN count(i) AS investigations
