// What each account has paid, by currency.
// Parameters: account_ids LIST<STRING>.
// Returns: account_id STRING, paid LIST<LIST> (currency STRING, minor units INTEGER), by currency.
// READ. Starts from: constraint account_id.
UNWIND $account_ids AS account_id
MATCH (a:Account {id: account_id})
UNWIND keys(a) AS property
WITH account_id, a, property ORDER BY property
WHERE property STARTS WITH 'paid_minor_'
RETURN account_id, collect([substring(property, size('paid_minor_')), a[property]]) AS paid
