// Let a version of a policy answer, be tried out, or only be kept.
// Parameters: id, mode, by, reason STRING; version INTEGER.
// Returns: policy MAP {id, mode, document (JSON), saved_by, changed_by, reason STRING;
//   version, saved_ms, changed_ms INTEGER since 1970}; changed_by, changed_ms and reason are null in
//   the first mode; no row if there is none.
// WRITE. Starts from: constraint policy_id_version.
MATCH (p:Policy {id: $id, version: $version})
SET p.mode = $mode,
    p.changed_by = $by,
    p.changed_at = datetime.truncate('millisecond', datetime.realtime()),
    p.reason = $reason
RETURN p {
  .id, .version, .mode, .document, .saved_by, saved_ms: p.saved_at.epochMillis,
  .changed_by, changed_ms: p.changed_at.epochMillis, .reason
} AS policy
