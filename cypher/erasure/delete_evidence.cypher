// Take away evidence that names identifiers which only the accounts carried; what another member of
// the ring carries, in this spelling or another one of the same, stays.
// Parameters, one entry an identifier: kinds, values, owners (of each, an account) LIST<STRING>; beside
//   them ids LIST<STRING>, the accounts.
// Returns: account_id STRING, evidence INTEGER.
// WRITE. Starts from: index evidence_kind_value.
UNWIND range(0, size($kinds) - 1) AS n
MATCH (e:Evidence {kind: $kinds[n], value: $values[n]})
WHERE NOT EXISTS {
  MATCH (e)<-[:HAS_EVIDENCE]-(:Ring)<-[m:MEMBER_OF]-(other:Account)
  WHERE NOT other.id IN $ids
    AND any(at IN range(0, size(m.because_values) - 1)
      WHERE m.because_kinds[at] = e.kind AND m.because_values[at] = e.value)
}
WITH e, $owners[n] AS account_id
DETACH DELETE e
RETURN account_id, count(*) AS evidence
