// Takedowns by id.
// Parameters: ids LIST<STRING>.
// Returns: id, ring_id, action, standing, reason, state, plan_hash, blast_radius, options, seed, planned_by,
//   approved_by, started_by, because STRING; needs_approval BOOLEAN; size, waves, wave, planned_ms,
//   start_by_ms, approved_ms, started_ms, ended_ms, expires_ms, next_wave_ms, remembered_ms INTEGER;
//   what has not come yet is null.
// READ. Starts from: constraint takedown_id.
UNWIND $ids AS asked_id
MATCH (t:Takedown {id: asked_id})
RETURN t.id AS id, t.ring_id AS ring_id, t.action AS action, t.standing AS standing, t.reason AS reason,
       t.state AS state, t.plan_hash AS plan_hash, t.needs_approval AS needs_approval, t.size AS size,
       t.waves AS waves, t.wave AS wave, t.blast_radius AS blast_radius, t.options AS options,
       t.seed AS seed, t.planned_by AS planned_by, t.planned_at.epochMillis AS planned_ms,
       t.start_by.epochMillis AS start_by_ms, t.approved_by AS approved_by,
       t.approved_at.epochMillis AS approved_ms, t.started_by AS started_by,
       t.started_at.epochMillis AS started_ms, t.ended_at.epochMillis AS ended_ms,
       t.expires_at.epochMillis AS expires_ms, t.next_wave_at.epochMillis AS next_wave_ms,
       t.because AS because, t.remembered_at.epochMillis AS remembered_ms
