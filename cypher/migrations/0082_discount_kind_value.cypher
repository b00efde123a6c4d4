// How often an identifier was overturned is counted once for each.
CREATE CONSTRAINT discount_kind_value IF NOT EXISTS
FOR (discount:Discount) REQUIRE (discount.kind, discount.value) IS UNIQUE
