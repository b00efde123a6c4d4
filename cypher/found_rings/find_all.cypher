// Which rings there are and what they hold; ids that stand for another ring are left out.
// Parameters: none.
// Returns: id, state STRING; digest, members_digest, evidence_digest STRING or null.
// READ. Starts from: the label Ring; rings are few beside accounts.
MATCH (ring:Ring)
WHERE NOT EXISTS { (ring)-[:MERGED_INTO]->() }
RETURN ring.id AS id, ring.state AS state, ring.digest AS digest,
  ring.members_digest AS members_digest, ring.evidence_digest AS evidence_digest
