// The versions of policies in some modes, by id, then version.
// Parameters: modes LIST<STRING>.
// Returns: policy MAP {id, mode, document (JSON), saved_by, changed_by, reason STRING;
//   version, saved_ms, changed_ms INTEGER since 1970}; changed_by, changed_ms and reason are null in
//   the first mode.
// READ. Starts from: index policy_mode.
UNWIND $modes AS mode
MATCH (p:Policy {mode: mode})
RETURN p {
  .id, .version, .mode, .document, .saved_by, saved_ms: p.saved_at.epochMillis,
  .changed_by, changed_ms: p.changed_at.epochMillis, .reason
} AS policy
ORDER BY p.id, p.version
