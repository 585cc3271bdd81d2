"""Adapters to the world outside, one folder each; none imports another."""
