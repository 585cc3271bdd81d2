"""Payments: two images of one repository, the API on ECS beside the database, and the settlement on the cluster."""

from dataclasses import dataclass
from typing import NamedTuple

from odmd.model import (
    READ_WRITE,
    WRITE,
    Build,
    CdkEnver,
    Config,
    Consumes,
    Dockerfile,
    HelmChart,
    ImageEnver,
    KubernetesEnver,
    NeededSecret,
    Produces,
    Repo,
    Requests,
    Stage,
    configured,
    consumed,
    needed,
    produced,
    requested,
)
from odmd.model.kinds import EksCluster, HttpApi, Image, OidcProvider, PostgresDatabase, Vpc
from payments_org.platform import Foundation, PgSchema
from payments_org.stages import payments_team, revision

source = Repo("acme/payments", payments_team)


class Images(ImageEnver, build=Build("payments-images", source)):
    """Both come from one commit, so application and migration always fit each other."""

    application: Produces[Image] = produced("takes payments, and settles them", source=Dockerfile("app/Dockerfile"))
    migration: Produces[Image] = produced("brings the schema up to date", source=Dockerfile("db/Dockerfile"))


@dataclass(frozen=True)
class Scaling:
    """How many tasks serve the API."""

    least: int = 2
    most: int = 20


class Payments(CdkEnver, build=Build("payments", source, folder="ecs")):
    """Takes payments: on ECS, in the database's VPC."""

    application: Consumes[Image]
    migration: Consumes[Image] = consumed("runs to its end before the application starts")
    vpc: Consumes[Vpc] = consumed("where it runs, beside the database")
    database: Consumes[PostgresDatabase] = consumed("where payments are kept", access=READ_WRITE)
    schema: Requests[PgSchema] = requested(PgSchema(name="payments"))
    scaling: Config[Scaling] = configured("how many tasks run")
    card_network: NeededSecret = needed("key to the card network", name="card-network-key")

    api: Produces[HttpApi] = produced("payments are made and looked up here", schema="payments.openapi.yaml")


class Settlement(KubernetesEnver, build=Build("payments-settlement", source, folder="chart")):
    """Settles every night what was paid: the same image on the cluster, which reaches the API over the gateway."""

    manifests = HelmChart()
    application: Consumes[Image]
    cluster: Consumes[EksCluster] = consumed("where it runs", access=WRITE)
    oidc: Consumes[OidcProvider] = consumed("whom its role trusts")
    payments: Consumes[HttpApi] = consumed("what was paid", schema="settlement.relies-on.yaml")


class Service(NamedTuple):
    """Payments in one stage."""

    images: Images
    payments: Payments
    settlement: Settlement


def service(at: Stage, on: Foundation, before: Service | None = None) -> Service:
    """Payments in a stage, on its foundation, running what ran in the stage before."""
    images = Images(on=revision(at, before and before.images), at=at)
    payments = Payments(
        on=revision(at, before and before.payments),
        at=at,
        application=images.application,
        migration=images.migration,
        vpc=on.database.vpc,
        database=on.database.writer,
        schema=on.database.schemas,
    )
    settlement = Settlement(
        on=revision(at, before and before.settlement),
        at=at,
        application=images.application,
        cluster=on.cluster.eks,
        oidc=on.cluster.oidc,
        payments=payments.api,
    )
    return Service(images, payments, settlement)
