// Keep a new version of a policy; what it says never changes afterwards.
// Parameters: id, mode, document (JSON), by STRING; version INTEGER.
// Returns: policy MAP {id, mode, document (JSON), saved_by, changed_by, reason STRING;
//   version, saved_ms, changed_ms INTEGER since 1970}; changed_by, changed_ms and reason are null in
//   the first mode.
// WRITE. Starts from: constraint policy_id_version.
MERGE (p:Policy {id: $id, version: $version})
ON CREATE SET
  p.mode = $mode,
  p.document = $document,
  p.saved_by = $by,
  p.saved_at = datetime.truncate('millisecond', datetime.realtime())
RETURN p {
  .id, .version, .mode, .document, .saved_by, saved_ms: p.saved_at.epochMillis,
  .changed_by, changed_ms: p.changed_at.epochMillis, .reason
} AS policy
