// Count that an identifier was overturned once more.
// Parameters: kind, value STRING; at_ms INTEGER, milliseconds since 1970.
// Returns: overturned INTEGER, how often it was by now.
// WRITE. Starts from: constraint discount_kind_value.
MERGE (discount:Discount {kind: $kind, value: $value})
SET discount.overturned = coalesce(discount.overturned, 0) + 1,
    discount.at = datetime.fromEpochMillis($at_ms)
RETURN discount.overturned AS overturned
