// Create or meet identifiers of further kinds and their links to accounts, and add what a batch saw.
// Parameters, one entry a link, sorted by kind, identifier, account: kinds,
//   identifiers, account_ids LIST<STRING>, first_seen_ms LIST<INTEGER>, last_seen_ms LIST<INTEGER>,
//   events LIST<INTEGER>. The transaction holds the accounts' locks.
// Returns: nothing.
// WRITE. Starts from: constraints identifier_kind_value and account_id.
UNWIND range(0, size($identifiers) - 1) AS n
MERGE (i:Identifier {kind: $kinds[n], value: $identifiers[n]})
SET i += {}
WITH i, n
MATCH (a:Account {id: $account_ids[n]})
MERGE (a)-[u:USES_IDENTIFIER]->(i)
ON CREATE SET
  u.first_seen_at = datetime.fromEpochMillis($first_seen_ms[n]),
  u.last_seen_at = datetime.fromEpochMillis($last_seen_ms[n]),
  u.events = $events[n]
ON MATCH SET
  u.first_seen_at = CASE
    WHEN u.first_seen_at.epochMillis <= $first_seen_ms[n] THEN u.first_seen_at
    ELSE datetime.fromEpochMillis($first_seen_ms[n]) END,
  u.last_seen_at = CASE
    WHEN u.last_seen_at.epochMillis >= $last_seen_ms[n] THEN u.last_seen_at
    ELSE datetime.fromEpochMillis($last_seen_ms[n]) END,
  u.events = u.events + $events[n]
