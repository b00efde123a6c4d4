// Create or meet payment instruments and let each tell of its earliest attachment.
// `SET p += {}` changes nothing and locks each, in the order of ids, before it is read:
// the links that follow then wait for nobody.
// Parameters, one entry an instrument, sorted by id: ids LIST<STRING>; described_ms,
//   described_keys LIST<INTEGER or null>; kinds, bins, fundings, countries LIST<STRING or null>.
// Returns: nothing.
// WRITE. Starts from: constraint payment_instrument_id.
UNWIND range(0, size($ids) - 1) AS n
MERGE (p:PaymentInstrument {id: $ids[n]})
SET p += {}
WITH p, n
WHERE $described_ms[n] IS NOT NULL
  AND (p.described_at IS NULL
    OR p.described_at.epochMillis > $described_ms[n]
    OR (p.described_at.epochMillis = $described_ms[n] AND p.described_key > $described_keys[n]))
SET p.described_at = datetime.fromEpochMillis($described_ms[n]),
    p.described_key = $described_keys[n],
    p.kind = $kinds[n],
    p.bin = $bins[n],
    p.funding = $fundings[n],
    p.country = $countries[n]
