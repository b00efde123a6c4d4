// Memberships bear the place that they have in the lists of their ring, so that an index can hold it.
MATCH (account:Account)-[member:MEMBER_OF]->(ring:Ring)
WHERE member.rank IS NULL
CALL (account, member, ring) {
  SET member.ring_id = ring.id,
      member.account_id = account.id,
      member.rank = 0.0 - member.strength
} IN TRANSACTIONS OF 10000 ROWS
