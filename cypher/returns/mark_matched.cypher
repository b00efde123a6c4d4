// Note that rings were compared with those taken down, as they were read.
// Parameters, one entry a ring, sorted by id: ring_ids, run_ids LIST<STRING>.
// Returns: nothing.
// WRITE. Starts from: constraint ring_id.
UNWIND range(0, size($ring_ids) - 1) AS n
MATCH (ring:Ring {id: $ring_ids[n]})
WHERE ring.run_id = $run_ids[n]
SET ring.matched_run_id = $run_ids[n]
