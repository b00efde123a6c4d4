// One page of the sign-up checks of each attempt, the latest first.
// Parameters: attempt_ids LIST<STRING>; account_id STRING or null; since, until ZONED DATETIME, from
//   the first on and before the second; decisions, outcomes LIST<STRING>, degraded BOOLEAN,
//   policy_id STRING, policy_version INTEGER, or null for any; before_ms INTEGER (milliseconds since
//   1970) and before_id STRING of the last one seen, or null; limit INTEGER.
// Returns: attempt_id STRING; screenings LIST<MAP> in order, as screenings/page tells them.
// READ. Starts from: index screening_attempt. A seek against the order of the index ends at the
//   limit.
UNWIND $attempt_ids AS attempt_id
CALL (attempt_id) {
  MATCH (s:Screening)
  USING INDEX SEEK s:Screening(attempt_id, at, id)
  WHERE s.attempt_id = attempt_id AND s.at >= $since AND s.at < $until AND s.id IS NOT NULL
    AND ($before_ms IS NULL OR s.at.epochMillis < $before_ms OR s.id < $before_id)
    AND ($decisions IS NULL OR s.decision IN $decisions)
    AND ($outcomes IS NULL OR s.outcome IN $outcomes)
    AND ($degraded IS NULL OR (s.degraded IS NOT NULL) = $degraded)
    AND ($policy_id IS NULL OR s.policy_id = $policy_id)
    AND ($policy_version IS NULL OR s.policy_version = $policy_version)
    AND ($account_id IS NULL OR s.account_id = $account_id)
  WITH s
  ORDER BY s.attempt_id DESC, s.at DESC, s.id DESC
  LIMIT $limit
  RETURN collect(s {
    .told, .key_hash, .outcome, .outcome_by, .outcome_note, outcome_ms: s.outcome_at.epochMillis
  }) AS screenings
}
RETURN attempt_id, screenings
