// Accounts are searched by e-mail address.
CREATE INDEX account_email IF NOT EXISTS FOR (a:Account) ON (a.email)
