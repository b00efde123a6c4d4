// A page of versions of policies, by id, then version.
// Parameters: after_id STRING and after_version INTEGER of the last one seen, '' and 0 for none;
//   limit INTEGER.
// Returns: policy MAP {id, mode, document (JSON), saved_by, changed_by, reason STRING;
//   version, saved_ms, changed_ms INTEGER since 1970}; changed_by, changed_ms and reason are null in
//   the first mode.
// READ. Starts from: constraint policy_id_version.
MATCH (p:Policy)
WHERE p.id >= $after_id AND p.version > 0
  AND (p.id > $after_id OR p.version > $after_version)
WITH p ORDER BY p.id, p.version LIMIT $limit
RETURN p {
  .id, .version, .mode, .document, .saved_by, saved_ms: p.saved_at.epochMillis,
  .changed_by, changed_ms: p.changed_at.epochMillis, .reason
} AS policy
ORDER BY p.id, p.version
