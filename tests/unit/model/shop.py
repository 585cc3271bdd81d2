"""A small organisation to test the model's words with."""

from __future__ import annotations

from dataclasses import dataclass, field

from odmd.model import (
    WRITE,
    Account,
    Branch,
    Build,
    CdkEnver,
    Consumes,
    Hub,
    Offer,
    Offers,
    Produces,
    Repo,
    Requests,
    Stage,
    Team,
    consumed,
    hub,
    late,
    offered,
    produced,
    requested,
)
from odmd.model.kinds import Cidr, HostName, HttpApi, Secret

team = Team("baristas")
dev = Stage("dev", Account("workloads", "111122223333"), "us-west-1")
prod = Stage("prod", Account("production", "444455556666"), "us-west-1")
main = Branch("main")


@dataclass(frozen=True)
class PgSchema(Offer):
    schema: str
    app: Produces[Secret] = field(init=False)
    migrate: Produces[Secret] = field(init=False)


class Database(CdkEnver, build=Build("database", Repo("acme/database", team))):
    host: Produces[HostName] = produced("writer endpoint", name="writer-endpoint")
    allowed: Hub[Cidr] = hub("networks let in, by client")
    schemas: Offers[PgSchema] = offered("a schema with its users")


class Orders(CdkEnver, build=Build("orders", Repo("acme/orders", team), folder="cdk")):
    db_host: Consumes[HostName]
    payments: Consumes[HttpApi] = consumed("where to pay", access=WRITE, name="payments-api")
    audit: Consumes[HttpApi] = late("who looks on")
    db: Requests[PgSchema] = requested(PgSchema(schema="orders"))
    api: Produces[HttpApi] = produced("orders API", name="endpoint")
    network: Produces[Cidr] = produced("where its functions live")


class Payments(CdkEnver, build=Build("payments", Repo("acme/payments", team))):
    api: Produces[HttpApi] = produced("payments API")


def database() -> Database:
    return Database(on=main, at=dev)


def orders(shared: Database) -> Orders:
    pay = Payments(on=main, at=dev)
    made = Orders(on=main, at=dev, db_host=shared.host, payments=pay.api, db=shared.schemas)
    shared.allowed["orders"] = made.network
    return made
