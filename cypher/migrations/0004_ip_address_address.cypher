// An IP address is found by its spelling, and exists once.
CREATE CONSTRAINT ip_address_address IF NOT EXISTS FOR (i:IpAddress) REQUIRE i.address IS UNIQUE
