"""The public reference organisation of ONDEMANDENV in us-west-1: its envers, wired together, and their clones."""

from odmd.model import Branch, Organisation
from reference_org.coffee_shop import Foundation, OrderManager, OrderProcessor
from reference_org.foundations import Cluster, Contracts, DefaultKubeEks, DefaultVpcRds, Networking, UserAuth
from reference_org.landscape import main, master, networking, workspace0, workspace1
from reference_org.spring import Spring, SpringImage

__version__ = "0.1.0"

contracts = Contracts(on=main, at=workspace0)
network = Networking(on=Branch("ipam_west1_le"), at=networking, stack="networking--ipam-west1-le")
cluster = Cluster(
    on=main,
    at=workspace0,
    pool=network.pool,
    gateway=network.gateway,
    nat_address=network.nat_address,
    vpc_pool=network.pool,
    vpc_gateway=network.gateway,
    central_cidr=network.cidr,
)

spring_image = SpringImage(on=master, at=workspace1, puller=cluster.node_role)
spring = Spring(
    on=master,
    at=workspace1,
    repository=spring_image.repository,
    latest=spring_image.latest,
    cluster=cluster.endpoint,
    oidc_provider=cluster.oidc_provider,
    node_role=cluster.node_role,
)

foundation = Foundation(on=master, at=workspace1)
processor = OrderProcessor(
    on=master,
    at=workspace1,
    bus=foundation.bus,
    source=foundation.bus_source,
    config=foundation.config,
    count=foundation.count,
)
manager = OrderManager(
    on=master,
    at=workspace1,
    bus=foundation.bus,
    source=foundation.bus_source,
    config=foundation.config,
    count=foundation.count,
)

ta, ta1 = Branch("ta"), Branch("ta1")
clones = [
    spring_image.clone(ta),
    spring.clone(ta, stack="sampleSpringOpenAPI3cdk--ta"),
    spring_image.clone(ta1),
    spring.clone(ta1, stack="sampleSpringOpenAPI3cdk--ta1"),
    processor.clone(main, stack="coffeeShopOrderProcessor--main"),
]

organisation = Organisation(
    "ondemandenv",
    central=networking.account,
    envers=[contracts, network, cluster, spring_image, spring, foundation, processor, manager, *clones],
    builds=[UserAuth, DefaultVpcRds, DefaultKubeEks],
)
