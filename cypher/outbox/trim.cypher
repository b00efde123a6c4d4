// Take away entries older than a moment, so many at the most, and remember how far.
// Parameters: before ZONED DATETIME; limit INTEGER.
// Returns: trimmed INTEGER, how many went.
// WRITE. Starts from: index outbox_entry_at and constraint outbox_name.
MATCH (outbox:Outbox {name: 'outbox'})
CALL () {
  MATCH (entry:OutboxEntry)
  WHERE entry.at < $before
  WITH entry ORDER BY entry.at, entry.seq LIMIT $limit
  WITH entry, entry.seq AS seq
  DELETE entry
  RETURN max(seq) AS last, count(*) AS trimmed
}
SET outbox.trimmed = coalesce(last, outbox.trimmed, 0)
RETURN trimmed
