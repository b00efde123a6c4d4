// A page of the accounts of a takedown that somebody should look at again, by account id.
// Parameters: id STRING; after_id STRING of the last one seen, '' at first; limit INTEGER.
// Returns: account_id, state, because, sole_kind, sole_value STRING.
// READ. Starts from: index target_account.
MATCH ()-[target:TARGETS]->()
USING INDEX SEEK target:TARGETS(takedown_id, account_id)
WHERE target.takedown_id = $id AND target.account_id > $after_id
  AND target.review_because IS NOT NULL
WITH target
ORDER BY target.takedown_id, target.account_id
LIMIT $limit
RETURN target.account_id AS account_id, target.state AS state,
       target.review_because AS because, target.sole_kind AS sole_kind,
       target.sole_value AS sole_value
