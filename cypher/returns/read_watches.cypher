// What is known of the return of rings: from which each returned, and what returned from it.
// Parameters: ring_ids LIST<STRING>; limit INTEGER, of returns told of each.
// Returns: ring_id STRING; generation INTEGER; returned_from, likelihood STRING or null;
//   replacement_rate, hours_to_return FLOAT or null; taken_down_ms, named_ms INTEGER or null,
//   milliseconds since 1970; new_members INTEGER; returns LIST<MAP {ring_id, likelihood STRING,
//   generation INTEGER, replacement_rate, hours_to_return FLOAT}>, the soonest first.
// READ. Starts from: constraint ring_id, then index screening_re_entry.
UNWIND $ring_ids AS asked_id
MATCH (ring:Ring {id: asked_id})
CALL (ring) {
  OPTIONAL MATCH (ring)<-[:OF]-(t:Takedown)
  RETURN max(t.started_at) AS last_takedown_at
}
CALL (ring, last_takedown_at) {
  MATCH (account)-[m:MEMBER_OF]->(ring)
  WHERE m.since > last_takedown_at AND NOT EXISTS {
    MATCH (account)-[was:WAS_MEMBER_OF]->(ring)
    WHERE was.since <= last_takedown_at
  }
  RETURN count(m) AS new_members
}
CALL (ring) {
  OPTIONAL MATCH (s:Screening)
  WHERE s.re_entry_ring_id = ring.id AND s.at > ring.taken_down_at
  RETURN min(s.at) AS named_at
}
RETURN ring.id AS ring_id, coalesce(ring.generation, 0) AS generation,
       ring.returned_from AS returned_from, ring.return_likelihood AS likelihood,
       ring.replacement_rate AS replacement_rate, ring.hours_to_return AS hours_to_return,
       ring.taken_down_at.epochMillis AS taken_down_ms, named_at.epochMillis AS named_ms,
       new_members,
       COLLECT {
         MATCH (new:Ring)-[:RETURNED_FROM]->(ring)
         RETURN {
           ring_id: new.id, likelihood: new.return_likelihood, generation: new.generation,
           replacement_rate: new.replacement_rate, hours_to_return: new.hours_to_return
         } ORDER BY new.hours_to_return, new.id LIMIT $limit
       } AS returns
