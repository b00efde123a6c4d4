// Addresses that a feed has classed are read without reading all others.
CREATE INDEX ip_address_class IF NOT EXISTS FOR (i:IpAddress) ON (i.class)
