// Take away accounts that nothing is left of; holds on them that were lifted tell the keyed hash in
// place of the id.
// Parameters, one entry an account, sorted by id: ids, hashes LIST<STRING>.
// Returns: id STRING, done BOOLEAN: false where something came meanwhile, so that it must be done again.
// WRITE. Starts from: constraint account_id and index legal_hold_subject.
UNWIND range(0, size($ids) - 1) AS n
OPTIONAL MATCH (a:Account {id: $ids[n]})
SET a += {}
WITH n, a, a IS NULL OR NOT EXISTS { (a)--() } AS done
CALL (n, done) {
  MATCH (hold:LegalHold {subject_id: $ids[n], subject_kind: 'account'})
  WHERE done
  SET hold.subject_id = $hashes[n]
}
FOREACH (one IN CASE WHEN done AND a IS NOT NULL THEN [a] ELSE [] END | DELETE one)
RETURN $ids[n] AS id, done
