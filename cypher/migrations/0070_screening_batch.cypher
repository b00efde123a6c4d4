// What a batch of the log held is read by whoever heard of the batch.
CREATE INDEX screening_batch IF NOT EXISTS FOR (s:Screening) ON (s.batch_id)
