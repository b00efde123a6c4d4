// Versions of policies.
// Parameters: keys LIST<MAP {id STRING, version INTEGER}>.
// Returns: policy MAP {id, mode, document (JSON), saved_by, changed_by, reason STRING;
//   version, saved_ms, changed_ms INTEGER since 1970}; changed_by, changed_ms and reason are null in
//   the first mode; unknown ones are left out.
// READ. Starts from: constraint policy_id_version.
UNWIND $keys AS key
MATCH (p:Policy {id: key.id, version: key.version})
RETURN p {
  .id, .version, .mode, .document, .saved_by, saved_ms: p.saved_at.epochMillis,
  .changed_by, changed_ms: p.changed_at.epochMillis, .reason
} AS policy
