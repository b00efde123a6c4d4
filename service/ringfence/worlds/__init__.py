"""Seeded worlds: made-up customers, honest and fake, told as events with the truth beside them."""

from ringfence.worlds.building import MIN_ACCOUNTS, build_world

__all__ = ["MIN_ACCOUNTS", "build_world"]
