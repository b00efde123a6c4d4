// Take away screenings that were found to be of the accounts though they name none.
// Parameters: nodes LIST<STRING>, internal ids.
// Returns: screenings INTEGER.
// WRITE. Starts from: the nodes by their internal ids; that of one which is gone may be another's.
UNWIND $nodes AS node
MATCH (s:Screening)
WHERE elementId(s) = node AND s.account_id IS NULL
DETACH DELETE s
RETURN count(*) AS screenings
