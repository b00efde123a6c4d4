// Note which ring a ring returned from, and how sure that is; the latest word holds.
// Parameters: ring_id, old_ring_id, run_id (of the run that wrote the ring), likelihood STRING;
//   generation INTEGER; replacement_rate, hours_to_return FLOAT.
// Returns: newly BOOLEAN, whether it was not known to be a return; size INTEGER; no row if the ring is
//   not as it was read, or was taken down.
// WRITE. Starts from: constraint ring_id.
MATCH (ring:Ring {id: $ring_id})
SET ring += {}
WITH ring
WHERE ring.state IN ['open', 'confirmed'] AND ring.run_id = $run_id
MATCH (old:Ring {id: $old_ring_id})
WITH ring, old, ring.returned_from IS NULL AS newly
SET ring.returned_from = old.id,
    ring.return_likelihood = $likelihood,
    ring.generation = $generation,
    ring.replacement_rate = $replacement_rate,
    ring.hours_to_return = $hours_to_return,
    ring.matched_run_id = ring.run_id
MERGE (ring)-[:RETURNED_FROM]->(old)
WITH ring, old, newly
CALL (ring, old) {
  MATCH (ring)-[stale:RETURNED_FROM]->(other)
  WHERE other <> old
  DELETE stale
}
RETURN newly, ring.size AS size
