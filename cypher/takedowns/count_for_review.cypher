// How many accounts of takedowns somebody should look at again.
// Parameters: ids LIST<STRING>; states LIST<STRING> or null.
// Returns: id STRING; accounts INTEGER.
// READ. Starts from: index target_place.
UNWIND $ids AS id
CALL (id) {
  MATCH ()-[target:TARGETS]->()
  WHERE target.takedown_id = id AND target.review_because IS NOT NULL
    AND ($states IS NULL OR target.state IN $states)
  RETURN count(target) AS accounts
}
RETURN id, accounts
