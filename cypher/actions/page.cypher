// The next actions after a number, in order.
// Parameters: after, limit INTEGER.
// Returns: seq, at_ms INTEGER; id, kind, account_id, takedown_id, ring_id, standing, previous_standing,
//   reason STRING; expires_ms INTEGER or null.
// READ. Starts from: constraint action_seq, in its order.
MATCH (a:Action)
WHERE a.seq > $after
WITH a ORDER BY a.seq LIMIT $limit
RETURN a.seq AS seq, a.id AS id, a.kind AS kind, a.account_id AS account_id,
       a.takedown_id AS takedown_id, a.ring_id AS ring_id, a.standing AS standing,
       a.previous_standing AS previous_standing, a.reason AS reason, a.at.epochMillis AS at_ms,
       a.expires_at.epochMillis AS expires_ms
