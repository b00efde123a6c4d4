// How many accounts may do less than all, by what they may do.
// Parameters: none.
// Returns: standing STRING, accounts INTEGER.
// READ. Starts from: the label Account; for reports, not for requests.
MATCH (a:Account)
WHERE a.standing IS NOT NULL
RETURN a.standing AS standing, count(*) AS accounts
ORDER BY standing
