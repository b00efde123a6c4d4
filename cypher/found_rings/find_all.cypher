// Which rings there are and what they hold.
// Parameters: none.
// Returns: id, state STRING; digest STRING or null.
// READ. Starts from: the label Ring; rings are few beside accounts.
MATCH (ring:Ring)
RETURN ring.id AS id, ring.state AS state, ring.digest AS digest
