// The actions on one account are found without reading those on others.
CREATE INDEX action_account IF NOT EXISTS FOR (a:Action) ON (a.account_id)
