"""What the platform team runs in every stage: the network, and two VPCs in it, with a database and with a cluster."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from odmd.model import (
    Build,
    CdkEnver,
    Config,
    Consumes,
    Hub,
    Offer,
    Offers,
    Produces,
    Repo,
    Stage,
    configured,
    hub,
    offered,
    produced,
)
from odmd.model.kinds import (
    EksCluster,
    IpamPool,
    NameServers,
    OidcProvider,
    PostgresDatabase,
    Secret,
    TransitGateway,
    Vpc,
)
from payments_org.stages import platform_team, revision


class Networking(CdkEnver, build=Build("networking", Repo("acme/networking", platform_team))):
    """Hands out addresses, connects VPCs, and knows where every name is answered."""

    addresses: Produces[IpamPool] = produced("where VPCs get their addresses from, so that none overlap")
    gateway: Produces[TransitGateway] = produced("what connects the VPCs")
    zones: Hub[NameServers] = hub("zones to delegate, by subdomain")


@dataclass(frozen=True)
class PgSchema(Offer):
    """A schema with a user who may change it and one who may only use it.

    `name` is what the client calls it; the database tells clients apart, so that a clone of one has its own.
    """

    name: str
    migrator: Produces[Secret] = field(init=False)
    application: Produces[Secret] = field(init=False)


@dataclass(frozen=True)
class Capacity:
    """How far Aurora Serverless v2 scales, in its capacity units."""

    least: float = 0.5
    most: float = 8


class Database(CdkEnver, build=Build("database", Repo("acme/database", platform_team))):
    """An Aurora Serverless v2 Postgres in a VPC of its own. Makes a schema for each service that asks."""

    addresses: Consumes[IpamPool]
    gateway: Consumes[TransitGateway]
    capacity: Config[Capacity] = configured("how far it scales")

    vpc: Produces[Vpc] = produced("where it is, and who runs beside it")
    name_servers: Produces[NameServers] = produced("who answers for names in its VPC", name="name-servers")
    writer: Produces[PostgresDatabase] = produced("where it takes writes", tells_consumers=True)
    schemas: Offers[PgSchema] = offered("a schema with its users")


class Cluster(CdkEnver, build=Build("cluster", Repo("acme/cluster", platform_team))):
    """An EKS cluster in a VPC of its own."""

    addresses: Consumes[IpamPool]
    gateway: Consumes[TransitGateway]

    vpc: Produces[Vpc] = produced("where its nodes are", external=True)
    name_servers: Produces[NameServers] = produced("who answers for names in its VPC", name="name-servers")
    eks: Produces[EksCluster] = produced("where to run what comes as a chart")
    oidc: Produces[OidcProvider] = produced("whom roles of service accounts trust")


NOBODY_YET: Final = NameServers(("nobody.invalid",))
"""What the network begins with, while the VPCs whose zones it delegates wait for its addresses."""


class Foundation(NamedTuple):
    """The platform of one stage."""

    networking: Networking
    database: Database
    cluster: Cluster


def foundation(at: Stage, before: Foundation | None = None) -> Foundation:
    """The platform of a stage, running what ran in the stage before."""
    networking = Networking(on=revision(at, before and before.networking), at=at)
    database = Database(
        on=revision(at, before and before.database),
        at=at,
        addresses=networking.addresses,
        gateway=networking.gateway,
    )
    cluster = Cluster(
        on=revision(at, before and before.cluster),
        at=at,
        addresses=networking.addresses,
        gateway=networking.gateway,
    )
    networking.zones["data"] = database.name_servers.until(NOBODY_YET)
    networking.zones["cluster"] = cluster.name_servers.until(NOBODY_YET)
    return Foundation(networking, database, cluster)
