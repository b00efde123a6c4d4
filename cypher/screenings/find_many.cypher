// Sign-up checks by id.
// Parameters: ids LIST<STRING>.
// Returns: id STRING; screening MAP, as screenings/page tells it; unknown ids are left out.
// READ. Starts from: constraint screening_id.
UNWIND $ids AS id
MATCH (s:Screening {id: id})
RETURN id, s {
  .told, .key_hash, .outcome, .outcome_by, .outcome_note, outcome_ms: s.outcome_at.epochMillis
} AS screening
