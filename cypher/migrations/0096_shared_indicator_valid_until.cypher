// What a peer's word holds for no more is found and forgotten without reading the rest.
CREATE INDEX shared_indicator_valid_until IF NOT EXISTS FOR (i:SharedIndicator) ON (i.valid_until)
