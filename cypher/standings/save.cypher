// Tell what the provider says of accounts. The standing of each is from then on the strictest of what is
// told and of the takedowns that hold it.
// Parameters: ranks MAP, how strict each standing is; one entry an account, sorted by id: account_ids,
//   standings LIST<STRING>, verified LIST<BOOLEAN>, protected_because LIST<STRING or null>.
// Returns: account_id STRING, of those that are known.
// WRITE. Starts from: constraint account_id. The lock comes before anything is read.
UNWIND range(0, size($account_ids) - 1) AS n
MATCH (a:Account {id: $account_ids[n]})
SET a += {}
SET a.told_standing = CASE WHEN $standings[n] <> 'active' THEN $standings[n] END,
    a.verified_organisation = CASE WHEN $verified[n] THEN true END,
    a.protected_because = $protected_because[n]
WITH a
CALL (a) {
  OPTIONAL MATCH (a)<-[:TARGETS {state: 'acted'}]-(other:Takedown)
  WITH a, collect(other.standing) + coalesce(a.told_standing, 'active') AS standings
  UNWIND standings AS one
  WITH one ORDER BY $ranks[one] DESC LIMIT 1
  RETURN one AS standing
}
SET a.standing = CASE WHEN standing <> 'active' THEN standing END
RETURN a.id AS account_id
