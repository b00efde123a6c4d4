// All texts that people or plans wrote, which may name somebody.
// Parameters: texts MAP of a LIST<STRING> by label, the properties that hold text.
// Returns: node STRING, internal id; texts LIST<LIST<STRING>>, each: property, text.
// READ. Starts from: the labels; they are few beside accounts.
MATCH (n:Note|Investigation|Verdict|Takedown|PolicyListEntry|LegalHold|TakedownDesk)
UNWIND labels(n) AS label
WITH n, [name IN coalesce($texts[label], []) WHERE n[name] IS NOT NULL | [name, n[name]]] AS texts
WHERE size(texts) > 0
RETURN elementId(n) AS node, texts
