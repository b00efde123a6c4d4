"""Honest accounts: those who share nothing, and all the innocent reasons to share something."""
