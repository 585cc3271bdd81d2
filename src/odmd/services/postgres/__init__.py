"""A Postgres for many: an Aurora Serverless v2 cluster that makes a schema with its users for each client that asks."""

from odmd.services.postgres.contracts import PgSchema, Postgres, PostgresConfig

__all__ = ["PgSchema", "Postgres", "PostgresConfig"]
