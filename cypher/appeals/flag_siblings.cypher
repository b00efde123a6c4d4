// Flag accounts that a takedown acted on and that hang by the same one identifier, for a person to
// look at them again.
// Parameters: takedown_id, account_id, kind, value, because STRING; the account itself is left out.
// Returns: flagged INTEGER.
// WRITE. Starts from: index target_place.
MATCH ()-[target:TARGETS]->()
WHERE target.takedown_id = $takedown_id AND target.state = 'acted'
  AND target.sole_kind = $kind AND target.sole_value = $value AND target.account_id <> $account_id
SET target.review_because = coalesce(target.review_because, $because)
RETURN count(target) AS flagged
