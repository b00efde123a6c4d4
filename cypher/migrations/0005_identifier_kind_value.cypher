// Any other identifier is found by kind and value together, and exists once.
CREATE CONSTRAINT identifier_kind_value IF NOT EXISTS FOR (i:Identifier) REQUIRE (i.kind, i.value) IS UNIQUE
