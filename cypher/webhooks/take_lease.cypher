// Take or renew the lease of an endpoint, so that one deliverer at a time serves it, and tell what is
// at hand for it. Setting asked_at locks the endpoint before it is read; the clock is Neo4j's, one
// for all processes. The last number is read before the page of actions that follows, so that what
// is not in that page came after it.
// Parameters: id, holder STRING; lease_s FLOAT, seconds from now to its end unless it is renewed.
// Returns: url STRING; secrets LIST<STRING>, sealed, those that sign; batch, cursor, last, tries
//   INTEGER; seqs LIST<INTEGER> or null, the message at hand; seqs_replay, replaying BOOLEAN; no row
//   if another deliverer has it, or nothing may be sent to it now.
// WRITE. Starts from: constraint webhook_endpoint_id.
MATCH (endpoint:WebhookEndpoint {id: $id})
SET endpoint.asked_at = datetime.realtime()
WITH endpoint, endpoint.asked_at AS now
WHERE endpoint.disabled_because IS NULL
  AND coalesce(endpoint.retry_at <= now, true)
  AND coalesce(endpoint.holder = $holder OR endpoint.lease_until < now, true)
SET endpoint.holder = $holder,
    endpoint.lease_until = now + duration({milliseconds: toInteger($lease_s * 1000)})
WITH endpoint, now
OPTIONAL MATCH (desk:TakedownDesk {name: 'actions'})
RETURN endpoint.url AS url,
       CASE WHEN endpoint.old_secret_until > now THEN endpoint.secrets
            ELSE endpoint.secrets[0..1] END AS secrets,
       endpoint.batch AS batch, endpoint.cursor AS cursor, coalesce(desk.seq, 0) AS last,
       coalesce(endpoint.tries, 0) AS tries, endpoint.seqs AS seqs,
       coalesce(endpoint.seqs_replay, false) AS seqs_replay,
       coalesce(endpoint.replaying, false) AS replaying
