// How many sign-up checks of each account pass a filter, counted up to a limit.
// Parameters: account_ids LIST<STRING>; since, until ZONED DATETIME, from the first on and before
//   the second; decisions, outcomes LIST<STRING>, degraded BOOLEAN, policy_id STRING, policy_version
//   INTEGER, or null for any; limit INTEGER.
// Returns: account_id STRING; screenings INTEGER, at most limit.
// READ. Starts from: index screening_account.
UNWIND $account_ids AS account_id
CALL (account_id) {
  MATCH (s:Screening)
  USING INDEX SEEK s:Screening(account_id, at, id)
  WHERE s.account_id = account_id AND s.at >= $since AND s.at < $until AND s.id IS NOT NULL
    AND ($decisions IS NULL OR s.decision IN $decisions)
    AND ($outcomes IS NULL OR s.outcome IN $outcomes)
    AND ($degraded IS NULL OR (s.degraded IS NOT NULL) = $degraded)
    AND ($policy_id IS NULL OR s.policy_id = $policy_id)
    AND ($policy_version IS NULL OR s.policy_version = $policy_version)
  WITH s LIMIT $limit
  RETURN count(*) AS screenings
}
RETURN account_id, screenings
