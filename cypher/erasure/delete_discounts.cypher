// Take away what appeals taught of identifiers that only the accounts carried.
// Parameters, one entry an identifier: kinds, values, owners (of each, an account) LIST<STRING>.
// Returns: account_id STRING, discounts INTEGER.
// WRITE. Starts from: constraint discount_kind_value.
UNWIND range(0, size($kinds) - 1) AS n
MATCH (discount:Discount {kind: $kinds[n], value: $values[n]})
WITH discount, $owners[n] AS account_id
DETACH DELETE discount
RETURN account_id, count(*) AS discounts
