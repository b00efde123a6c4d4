// There is one ledger of seen events, and one moment that it begins at.
CREATE CONSTRAINT ledger_name IF NOT EXISTS FOR (l:Ledger) REQUIRE l.name IS UNIQUE
