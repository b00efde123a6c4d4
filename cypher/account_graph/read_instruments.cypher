// Payment instruments as columns, a chunk a row.
// Parameters: parts, part INTEGER, the share of all instruments to return; span INTEGER, of internal
//   numbers that make a chunk; absent STRING and no_time INTEGER, which stand for what is
//   not known (collect drops nulls).
// Returns: nodes LIST<INTEGER>, the internal numbers; values, funding, bin, country, each
//   LIST<STRING>; described_ms LIST<INTEGER>.
// READ. Starts from: the label look-up index, in the order of the store.
MATCH (instrument:PaymentInstrument)
WHERE id(instrument) % $parts = $part
WITH id(instrument) / $span AS chunk,
     collect(id(instrument)) AS nodes,
     collect(instrument.id) AS values,
     collect(coalesce(instrument.described_at.epochMillis, $no_time)) AS described_ms,
     collect(coalesce(instrument.funding, $absent)) AS funding,
     collect(coalesce(instrument.bin, $absent)) AS bin,
     collect(coalesce(instrument.country, $absent)) AS country
RETURN nodes, values, described_ms, funding, bin, country
