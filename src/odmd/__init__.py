"""Contracts as typed code for organisations of many services."""

__version__ = "0.1.0"
