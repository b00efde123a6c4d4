// Screenings that name no account, and notes on the outcome of those that do.
// Parameters: none.
// Returns: node STRING, internal id; told STRING, the answer of one without an account, or null; note
//   STRING or null.
// READ. Starts from: the label Screening.
MATCH (s:Screening)
WHERE s.account_id IS NULL OR s.outcome_note IS NOT NULL
RETURN elementId(s) AS node, CASE WHEN s.account_id IS NULL THEN s.told END AS told,
       s.outcome_note AS note
