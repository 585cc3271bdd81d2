"""What an organisation declares of its Postgres."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from odmd.errors import ContractsNotLoaded
from odmd.model import CdkEnver, Config, Offer, Offers, Produces, configured, offered, produced
from odmd.model.kinds import AuroraCluster, PostgresDatabase, Text
from odmd.model.place import caller
from odmd.services.postgres.names import LONGEST_ASKED

_SCHEMA: Final = re.compile(r"[a-z][a-z0-9_]*")
_OF_POSTGRES: Final = ("pg_", "rds")
_TAKEN: Final = ("public", "information_schema")


@dataclass(frozen=True)
class PgSchema(Offer):
    """A schema of one's own, and who may use it: each product is the name of a user.

    They sign in with a token of IAM. With `drop`, the schema goes with its enver, data and all; else it stays, and
    so it always does where it is renamed.
    """

    schema: str
    drop: bool = False
    migrate: Produces[Text] = field(init=False)
    """Acts as the schema's owner: makes and changes what is in it."""
    app: Produces[Text] = field(init=False)
    """Reads and writes."""
    readonly: Produces[Text] = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if wrong := _wrong(self.schema):
            raise ContractsNotLoaded(
                f"no schema is called {self.schema!r}: {wrong}",
                place=caller(),
                next_step='write a name of small letters, digits and _: PgSchema(schema="orders")',
            )


def _wrong(schema: str) -> str:
    if not _SCHEMA.fullmatch(schema):
        return "it has to begin with a small letter, and have small letters, digits and _ only"
    if len(schema) > LONGEST_ASKED:
        return f"it has {len(schema)} characters, and {LONGEST_ASKED} leave room for whose it is"
    if schema.startswith(_OF_POSTGRES) or schema in _TAKEN:
        return "Postgres has it for itself"
    return ""


@dataclass(frozen=True)
class PostgresConfig:
    """How it runs. In an existing VPC where `vpc` and `subnets` (in two zones) say which, else in one of its own."""

    least_capacity: float = 0.0
    """In capacity units of Aurora; 0: it pauses while nobody uses it."""
    most_capacity: float = 4.0
    backup_days: int = 7
    deletion_protection: bool = True
    engine_version: str = "17.6"
    vpc: str = ""
    subnets: tuple[str, ...] = ()
    cidr: str = "10.0.0.0/24"
    """Of a VPC of its own."""


class PostgresEnver(CdkEnver):
    """An Aurora Serverless v2 Postgres, encrypted and out of the internet's reach."""

    config: Config[PostgresConfig] = configured("how it runs")
    writer: Produces[PostgresDatabase] = produced("where it takes writes", external=True)
    cluster: Produces[AuroraCluster] = produced("its cluster", external=True)
    schemas: Offers[PgSchema] = offered("a schema with its users")
