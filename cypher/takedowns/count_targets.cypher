// What became of the accounts of takedowns, counted.
// Parameters: ids LIST<STRING>.
// Returns: id STRING; held, queued, acted, cancelled, undone, confirmed, failed, appealed, overturned
//   INTEGER; confirmed and failed by the provider's receipts, the last two accounts with such an appeal.
// READ. Starts from: index target_place.
UNWIND $ids AS id
CALL (id) {
  MATCH ()-[target:TARGETS]->()
  WHERE target.takedown_id = id
  RETURN count(CASE WHEN target.state = 'held' THEN 1 END) AS held,
         count(CASE WHEN target.state = 'queued' THEN 1 END) AS queued,
         count(CASE WHEN target.state = 'acted' THEN 1 END) AS acted,
         count(CASE WHEN target.state = 'cancelled' THEN 1 END) AS cancelled,
         count(CASE WHEN target.state = 'undone' THEN 1 END) AS undone,
         count(CASE WHEN target.receipt = 'done' THEN 1 END) AS confirmed,
         count(CASE WHEN target.receipt = 'failed' THEN 1 END) AS failed
}
CALL (id) {
  OPTIONAL MATCH (:Takedown {id: id})<-[:AGAINST]-(appeal:Appeal)
  RETURN count(DISTINCT appeal.account_id) AS appealed,
         count(DISTINCT CASE WHEN appeal.state = 'overturned' THEN appeal.account_id END) AS overturned
}
RETURN id, held, queued, acted, cancelled, undone, confirmed, failed, appealed, overturned
