// Let go of accounts that were not acted on yet, so many at the most.
// Parameters: id, because STRING; limit, at_ms INTEGER, milliseconds since 1970.
// Returns: cancelled INTEGER.
// WRITE. Starts from: index target_place.
MATCH ()-[target:TARGETS]->()
WHERE target.takedown_id = $id AND target.state = 'queued'
WITH target LIMIT $limit
SET target.state = 'cancelled',
    target.undone_at = datetime.fromEpochMillis($at_ms),
    target.undone_because = $because
RETURN count(target) AS cancelled
