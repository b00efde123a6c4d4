// The next living rings by id that some run wrote since they were compared with those taken down, and of
// whom somebody signed up after a moment.
// Parameters: after_id STRING of the last one seen, '' at first; since_ms INTEGER, milliseconds since
//   1970; limit INTEGER.
// Returns: id, run_id STRING.
// READ. Starts from: index ring_state; rings are few beside accounts.
MATCH (ring:Ring)
WHERE ring.state IN ['open', 'confirmed'] AND ring.id > $after_id
  AND ring.last_signed_up_at.epochMillis > $since_ms
  AND coalesce(ring.matched_run_id, '') <> coalesce(ring.run_id, '')
RETURN ring.id AS id, ring.run_id AS run_id
ORDER BY id
LIMIT $limit
