// The latest screenings of an account are found by its id, whether its sign-up has come or not.
CREATE INDEX screening_account IF NOT EXISTS FOR (s:Screening) ON (s.account_id, s.at, s.id)
