// One page of the log of sign-up checks, the latest first.
// Parameters: since, until ZONED DATETIME, from the first on and before the second; decisions,
//   outcomes LIST<STRING>, degraded BOOLEAN, policy_id STRING, policy_version INTEGER, or null for
//   any; before_ms INTEGER (milliseconds since 1970) and before_id STRING of the last one seen, or
//   null; limit INTEGER.
// Returns: screening MAP {told, key_hash, outcome, outcome_by, outcome_note STRING, outcome_ms
//   INTEGER}, times in milliseconds since 1970.
// READ. Starts from: index screening_at. A seek against the order of the index ends at the limit.
MATCH (s:Screening)
USING INDEX SEEK s:Screening(at, id)
WHERE s.at >= $since AND s.at < $until AND s.id IS NOT NULL
  AND ($before_ms IS NULL OR s.at.epochMillis < $before_ms OR s.id < $before_id)
  AND ($decisions IS NULL OR s.decision IN $decisions)
  AND ($outcomes IS NULL OR s.outcome IN $outcomes)
  AND ($degraded IS NULL OR (s.degraded IS NOT NULL) = $degraded)
  AND ($policy_id IS NULL OR s.policy_id = $policy_id)
  AND ($policy_version IS NULL OR s.policy_version = $policy_version)
RETURN s {
  .told, .key_hash, .outcome, .outcome_by, .outcome_note, outcome_ms: s.outcome_at.epochMillis
} AS screening
ORDER BY s.at DESC, s.id DESC
LIMIT $limit
