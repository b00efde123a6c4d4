// There is one outbox, whose lock puts its entries in the order of their commits.
CREATE CONSTRAINT outbox_name IF NOT EXISTS FOR (o:Outbox) REQUIRE o.name IS UNIQUE
