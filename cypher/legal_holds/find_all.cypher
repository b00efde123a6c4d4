// Holds, the latest first.
// Parameters: lifted BOOLEAN, whether those that were lifted are told too.
// Returns: hold MAP {id, subject_kind, subject_id, reason, placed_by, placed_ms, lifted_by, lifted_ms}.
// READ. Starts from: the label LegalHold; holds are few.
MATCH (hold:LegalHold)
WHERE $lifted OR hold.lifted_at IS NULL
RETURN hold {
  .id, .subject_kind, .subject_id, .reason, .placed_by, .lifted_by,
  placed_ms: hold.placed_at.epochMillis, lifted_ms: hold.lifted_at.epochMillis
} AS hold
ORDER BY hold.placed_ms DESC, hold.id
