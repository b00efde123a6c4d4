// Lift a hold that is in force.
// Parameters: id, by STRING; at_ms INTEGER, milliseconds since 1970.
// Returns: hold MAP {id, subject_kind, subject_id, reason, placed_by, placed_ms, lifted_by, lifted_ms};
//   no row if there is none of that id in force.
// WRITE. Starts from: constraint legal_hold_id.
MATCH (hold:LegalHold {id: $id})
SET hold += {}
WITH hold
WHERE hold.lifted_at IS NULL
SET hold.lifted_by = $by, hold.lifted_at = datetime.fromEpochMillis($at_ms)
RETURN hold {
  .id, .subject_kind, .subject_id, .reason, .placed_by, .lifted_by,
  placed_ms: hold.placed_at.epochMillis, lifted_ms: hold.lifted_at.epochMillis
} AS hold
