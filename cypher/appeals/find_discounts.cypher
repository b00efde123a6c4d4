// Identifiers that were overturned on appeal, and how often each was.
// Parameters: none.
// Returns: kind, value STRING; overturned INTEGER.
// READ. Starts from: the label Discount; they are few beside identifiers.
MATCH (discount:Discount)
RETURN discount.kind AS kind, discount.value AS value, discount.overturned AS overturned
ORDER BY kind, value
