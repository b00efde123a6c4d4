"""Ringfence finds fake-account rings, proves them, and takes them down."""

from importlib.metadata import version

__version__ = version("ringfence")
