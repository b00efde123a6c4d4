// All versions of all policies, by id, then version.
// Parameters: none.
// Returns: policy MAP {id, mode, document (JSON), saved_by, changed_by, reason STRING;
//   version, saved_ms, changed_ms INTEGER since 1970}; changed_by, changed_ms and reason are null in
//   the first mode.
// READ. Starts from: the label Policy, some hundreds of nodes.
MATCH (p:Policy)
RETURN p {
  .id, .version, .mode, .document, .saved_by, saved_ms: p.saved_at.epochMillis,
  .changed_by, changed_ms: p.changed_at.epochMillis, .reason
} AS policy
ORDER BY p.id, p.version
