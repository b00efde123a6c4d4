// Take identifiers out of what verdicts were given on, unless they are evidence still.
// Parameters: keys LIST<STRING>, kind and value of each with a blank between.
// Returns: verdicts INTEGER, how many named any.
// WRITE. Starts from: the label Verdict; verdicts are few.
MATCH (v:Verdict)
WHERE any(n IN range(0, size(v.strong_kinds) - 1)
  WHERE v.strong_kinds[n] + ' ' + v.strong_values[n] IN $keys)
SET v += {}
WITH v, [n IN range(0, size(v.strong_kinds) - 1)
  WHERE NOT v.strong_kinds[n] + ' ' + v.strong_values[n] IN $keys
    OR EXISTS { (:Evidence {kind: v.strong_kinds[n], value: v.strong_values[n]}) }] AS kept
WITH v, kept, v.strong_kinds AS kinds, v.strong_values AS values
WHERE size(kept) < size(kinds)
SET v.strong_kinds = [n IN kept | kinds[n]],
    v.strong_values = [n IN kept | values[n]]
RETURN count(v) AS verdicts
