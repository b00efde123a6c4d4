// Members that rings have, and digests of what is told of each; 0: not known.
// Parameters: ring_ids LIST<STRING>.
// Returns: ring_id STRING; account_ids LIST<STRING>, digests LIST<INTEGER>; no row for a ring without.
// READ. Starts from: constraint ring_id.
UNWIND $ring_ids AS ring_id
MATCH (:Ring {id: ring_id})<-[member:MEMBER_OF]-(account:Account)
RETURN ring_id, collect(account.id) AS account_ids,
  collect(coalesce(member.digest, 0)) AS digests
