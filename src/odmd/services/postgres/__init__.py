"""A Postgres for many: an Aurora Serverless v2 cluster that makes a schema with its users for each client that asks."""

from odmd.services.postgres.contracts import PgSchema, PostgresConfig, PostgresEnver

__all__ = ["PgSchema", "PostgresConfig", "PostgresEnver"]
