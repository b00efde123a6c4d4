// The policies that answer or are tried out are found without reading the retired ones.
CREATE INDEX policy_mode IF NOT EXISTS FOR (p:Policy) ON (p.mode)
