// Actions by their numbers, in order; those that are kept no more are left out.
// Parameters: seqs LIST<INTEGER>.
// Returns: seq, at_ms INTEGER; id, kind, account_id, takedown_id, ring_id, standing,
//   previous_standing, reason STRING; expires_ms INTEGER or null.
// READ. Starts from: constraint action_seq.
MATCH (action:Action)
WHERE action.seq IN $seqs
RETURN action.seq AS seq, action.id AS id, action.kind AS kind, action.account_id AS account_id,
       action.takedown_id AS takedown_id, action.ring_id AS ring_id, action.standing AS standing,
       action.previous_standing AS previous_standing, action.reason AS reason,
       action.at.epochMillis AS at_ms, action.expires_at.epochMillis AS expires_ms
ORDER BY seq
