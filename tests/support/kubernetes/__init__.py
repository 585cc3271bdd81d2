"""Clusters for tests: one that plays an API server, and one that is one."""
