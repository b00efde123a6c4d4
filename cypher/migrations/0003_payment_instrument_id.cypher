// A payment instrument is found by its id, and exists once.
CREATE CONSTRAINT payment_instrument_id IF NOT EXISTS FOR (p:PaymentInstrument) REQUIRE p.id IS UNIQUE
