"""Seeds of worlds: some to choose parameters on, others to report on, none in both."""

CHOOSING = (1, 2, 3, 4)
REPORTING = (11, 12, 13, 14, 15)
REPORTING_ACCOUNTS = 10_000
LARGE = (16,)
"""The one large world of the page."""
LARGE_ACCOUNTS = 50_000
CI = 5
"""The small world of the test run, which neither chooses nor reports."""
