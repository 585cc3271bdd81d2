"""Kinds of databases."""

from __future__ import annotations

from typing import Final

from odmd.model.kinds.arn import ArnKind
from odmd.model.kinds.base import Handover, TextKind

_ENDPOINT: Final = r"[A-Za-z0-9][A-Za-z0-9.\-]{0,252}:[0-9]{1,5}"


class _Endpoint(TextKind):
    def identity(self) -> str:
        """Case of the host and its last dot make no difference."""
        host, _, rest = self.value.partition(":")
        return f"{host.lower().rstrip('.')}:{rest}"


class PostgresDatabase(_Endpoint):
    """A database on a PostgreSQL server, by where it is; who may use it is a `Secret`."""

    pattern = rf"{_ENDPOINT}/[A-Za-z_][A-Za-z0-9_$\-]{{0,62}}"
    looks_like = "host:port/database, like db.example.com:5432/orders"
    handover = Handover.NONE


class MySqlDatabase(_Endpoint):
    """A database on a MySQL or MariaDB server, by where it is; who may use it is a `Secret`."""

    pattern = rf"{_ENDPOINT}/[A-Za-z0-9_$\-]{{1,64}}"
    looks_like = "host:port/database, like db.example.com:3306/orders"
    handover = Handover.NONE


class AuroraCluster(ArnKind):
    """An Aurora cluster."""

    service = "rds"
    resource = r"cluster:[a-z][a-z0-9\-]{0,62}"
    looks_like = "an ARN like arn:aws:rds:…:cluster:orders"
    handover = Handover.NONE


class RedisCache(_Endpoint):
    """A Redis or Valkey cache by where it is; what is in it can be made again."""

    pattern = _ENDPOINT
    looks_like = "host:port, like cache.example.com:6379"
