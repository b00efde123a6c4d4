// Log the sign-up checks of a batch, each once, with the rings that they touched; those logged
// before stay as they are, in the batch that they came with.
// Parameters, one entry a screening, sorted by id: ids, attempt_ids, decisions, intended,
//   policy_ids, model_versions, fail_modes, told (the whole answer, JSON) LIST<STRING>; account_ids,
//   ring_ids, degraded, re_entry_ring_ids, re_entry_likelihoods, countries, plans, key_hashes
//   LIST<STRING or null>; at_ms, policy_versions LIST<INTEGER>; scores, took_ms LIST<FLOAT>. Beside
//   them: batch_id STRING.
// Returns: saved INTEGER, how many were not logged before.
// WRITE. Starts from: constraints screening_id and ring_id.
UNWIND range(0, size($ids) - 1) AS n
MERGE (s:Screening {id: $ids[n]})
ON CREATE SET
  s.batch_id = $batch_id,
  s.at = datetime.fromEpochMillis($at_ms[n]),
  s.attempt_id = $attempt_ids[n],
  s.account_id = $account_ids[n],
  s.decision = $decisions[n],
  s.intended = $intended[n],
  s.score = $scores[n],
  s.ring_id = $ring_ids[n],
  s.policy_id = $policy_ids[n],
  s.policy_version = $policy_versions[n],
  s.model_version = $model_versions[n],
  s.degraded = $degraded[n],
  s.fail_mode = $fail_modes[n],
  s.took_ms = $took_ms[n],
  s.re_entry_ring_id = $re_entry_ring_ids[n],
  s.re_entry_likelihood = $re_entry_likelihoods[n],
  s.country = $countries[n],
  s.plan = $plans[n],
  s.key_hash = $key_hashes[n],
  s.told = $told[n]
WITH s, n
WHERE s.batch_id = $batch_id
CALL (s, n) {
  MATCH (ring:Ring {id: $ring_ids[n]})
  MERGE (s)-[:TOUCHED]->(ring)
}
RETURN count(s) AS saved
