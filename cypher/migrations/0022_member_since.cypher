// Memberships have a beginning, and those that are over an end: as far as can be told, the moments
// when a run found the ring first and changed it last.
MATCH (ring:Ring)
SET ring.dormant_since = CASE WHEN ring.state = 'closed' THEN coalesce(ring.dormant_since, ring.updated_at) END
WITH ring
MATCH (:Account)-[member:MEMBER_OF|WAS_MEMBER_OF]->(ring)
WHERE member.since IS NULL
SET member.since = ring.found_at,
    member.role = coalesce(member.role, 'core'),
    member.until = CASE WHEN type(member) = 'WAS_MEMBER_OF' THEN ring.dormant_since END
