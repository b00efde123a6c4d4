// What a batch of the log held, the earliest first.
// Parameters: batch_id STRING.
// Returns: screening MAP, as screenings/page tells it.
// READ. Starts from: index screening_batch.
MATCH (s:Screening {batch_id: $batch_id})
RETURN s {
  .told, .key_hash, .outcome, .outcome_by, .outcome_note, outcome_ms: s.outcome_at.epochMillis
} AS screening
ORDER BY s.at, s.id
