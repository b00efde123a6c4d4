// How many sign-up checks of each attempt pass a filter, counted up to a limit.
// Parameters: attempt_ids LIST<STRING>; account_id STRING or null; since, until ZONED DATETIME, from
//   the first on and before the second; decisions, outcomes LIST<STRING>, degraded BOOLEAN,
//   policy_id STRING, policy_version INTEGER, or null for any; limit INTEGER.
// Returns: attempt_id STRING; screenings INTEGER, at most limit.
// READ. Starts from: index screening_attempt.
UNWIND $attempt_ids AS attempt_id
CALL (attempt_id) {
  MATCH (s:Screening)
  USING INDEX SEEK s:Screening(attempt_id, at, id)
  WHERE s.attempt_id = attempt_id AND s.at >= $since AND s.at < $until AND s.id IS NOT NULL
    AND ($decisions IS NULL OR s.decision IN $decisions)
    AND ($outcomes IS NULL OR s.outcome IN $outcomes)
    AND ($degraded IS NULL OR (s.degraded IS NOT NULL) = $degraded)
    AND ($policy_id IS NULL OR s.policy_id = $policy_id)
    AND ($policy_version IS NULL OR s.policy_version = $policy_version)
    AND ($account_id IS NULL OR s.account_id = $account_id)
  WITH s LIMIT $limit
  RETURN count(*) AS screenings
}
RETURN attempt_id, screenings
