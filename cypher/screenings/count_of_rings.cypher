// How many sign-up checks that touched each ring, or one that merged into it, pass a filter, counted
// up to a limit.
// Parameters: ring_ids LIST<STRING>; account_id, attempt_id STRING or null; since, until ZONED
//   DATETIME, from the first on and before the second; decisions, outcomes LIST<STRING>, degraded
//   BOOLEAN, policy_id STRING, policy_version INTEGER, or null for any; limit INTEGER.
// Returns: ring_id STRING; screenings INTEGER, at most limit.
// READ. Starts from: constraint ring_id, then index screening_ring.
UNWIND $ring_ids AS ring_id
CALL (ring_id) {
  MATCH (told:Ring)-[:MERGED_INTO*0..]->(:Ring {id: ring_id})
  MATCH (s:Screening)
  USING INDEX SEEK s:Screening(ring_id, at, id)
  WHERE s.ring_id = told.id AND s.at >= $since AND s.at < $until AND s.id IS NOT NULL
    AND ($decisions IS NULL OR s.decision IN $decisions)
    AND ($outcomes IS NULL OR s.outcome IN $outcomes)
    AND ($degraded IS NULL OR (s.degraded IS NOT NULL) = $degraded)
    AND ($policy_id IS NULL OR s.policy_id = $policy_id)
    AND ($policy_version IS NULL OR s.policy_version = $policy_version)
    AND ($account_id IS NULL OR s.account_id = $account_id)
    AND ($attempt_id IS NULL OR s.attempt_id = $attempt_id)
  WITH s LIMIT $limit
  RETURN count(*) AS screenings
}
RETURN ring_id, screenings
