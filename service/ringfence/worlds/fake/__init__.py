"""Fake accounts: rings of several kinds, and one campaign."""
