// Approve a plan that waits, if it is the one that was looked at and its time is not over.
// Parameters: id, plan_hash, by STRING; at_ms INTEGER, milliseconds since 1970.
// Returns: id STRING; no row if somebody was first, the plan is another one or too old.
// WRITE. Starts from: constraint takedown_id.
MATCH (t:Takedown {id: $id})
SET t += {}
WITH t
WHERE t.state = 'planned' AND t.plan_hash = $plan_hash AND t.planned_by <> $by
  AND t.start_by.epochMillis > $at_ms
SET t.state = 'approved', t.approved_by = $by, t.approved_at = datetime.fromEpochMillis($at_ms)
RETURN t.id AS id
