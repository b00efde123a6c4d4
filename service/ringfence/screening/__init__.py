"""The sign-up check: what an attempt leads to, told in milliseconds from memory; no database."""
