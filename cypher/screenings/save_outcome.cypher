// Say what became of a sign-up that was checked; the last word holds.
// Parameters: id, outcome (fraud, honest or unknown), by STRING; note STRING or null.
// Returns: former STRING, the outcome said before, or null; screening MAP, as screenings/page tells
//   it; no row for an unknown id.
// WRITE. Starts from: constraint screening_id.
MATCH (s:Screening {id: $id})
SET s += {}
WITH s, s.outcome AS former
SET s.outcome = $outcome,
    s.outcome_at = datetime.truncate('millisecond', datetime.realtime()),
    s.outcome_by = $by,
    s.outcome_note = $note
RETURN former, s {
  .told, .key_hash, .outcome, .outcome_by, .outcome_note, outcome_ms: s.outcome_at.epochMillis
} AS screening
