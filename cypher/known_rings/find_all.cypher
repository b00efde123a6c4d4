// Rings as the last run left them, a ring a row: members and how firmly each is tied (of closed
// rings those they had, so that a ring that comes back is known), ids that stand for the ring, and
// the dismissal that holds for it.
// Parameters: none.
// Returns: id, operation_id, state, grade, tier STRING; score FLOAT, and told_score, that its last event
//   told, or null; found_ms INTEGER, milliseconds since 1970; dormant BOOLEAN; aliases, account_ids
//   LIST<STRING>, strengths LIST<FLOAT>, core LIST<BOOLEAN>; dismissal MAP {id, ring_id, at_ms, by, reason, size, strong_kinds,
//   strong_values} or null; by id.
// READ. Starts from: the label Ring; rings are few beside accounts.
MATCH (ring:Ring)
WHERE NOT EXISTS { (ring)-[:MERGED_INTO]->() }
CALL (ring) {
  CALL (ring) {
    MATCH (account:Account)-[member:MEMBER_OF]->(ring)
    RETURN account, member
    UNION ALL
    WITH ring WHERE ring.state = 'closed'
    MATCH (account:Account)-[member:WAS_MEMBER_OF]->(ring)
    WHERE member.until = ring.dormant_since
    RETURN account, member
  }
  RETURN collect(account.id) AS account_ids, collect(member.strength) AS strengths,
    collect(coalesce(member.role = 'core', false)) AS core
}
CALL (ring) {
  MATCH (alias:Ring)-[:MERGED_INTO*1..]->(ring)
  RETURN collect(alias.id) AS aliases
}
CALL (ring) {
  OPTIONAL MATCH (ring)<-[:ON|HOLDS_FOR]-(verdict:Verdict {verdict: 'dismissed'})
  WHERE ring.state = 'dismissed'
  RETURN verdict
  ORDER BY verdict.at DESC, verdict.id
  LIMIT 1
}
RETURN ring.id AS id, ring.operation_id AS operation_id, ring.state AS state, ring.grade AS grade,
  ring.tier AS tier, ring.score AS score,
  ring.told_score AS told_score, ring.found_at.epochMillis AS found_ms,
  ring.dormant_since IS NOT NULL AS dormant, aliases, account_ids, strengths, core,
  CASE WHEN verdict IS NOT NULL THEN verdict {
    .id, .ring_id, at_ms: verdict.at.epochMillis, .by, .reason, .size, .strong_kinds, .strong_values
  } END AS dismissal
ORDER BY id
