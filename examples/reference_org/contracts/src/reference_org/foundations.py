"""What the organisation's services stand on: contracts, network, cluster, and what is made for each client."""

from odmd.model import Build, CdkEnver, Consumes, ContractsEnver, Produces, consumed, produced
from odmd.model.kinds import Cidr, HostName, IpAddress, IpamPool, NpmPackage, OidcProvider, Role, TransitGateway
from reference_org.kinds import ClusterEndpoint
from reference_org.landscape import repo


class Contracts(ContractsEnver, build=Build("odmd-contracts-npm", repo("odmd-contracts-sandbox"))):
    """The organisation's contracts, as the package that services build against."""

    package: Produces[NpmPackage] = produced("the newest package", name="contractsLibLatest", external=True)


class UserAuth(CdkEnver, build=Build("OdmdBuildUserAuth", repo("user-pool"))):
    """Who may log in. It has no enver in this region."""


class Networking(CdkEnver, build=Build("networking", repo("networking"))):
    """The central network: addresses to hand out, and the way from VPC to VPC and out."""

    cidr: Produces[Cidr] = produced("the central VPC's addresses", name="central-Vpc-Cidr")
    pool: Produces[IpamPool] = produced("where VPCs get their addresses from", name="share-pool")
    gateway: Produces[TransitGateway] = produced("what connects the VPCs", name="share-tgw")
    nat_address: Produces[IpAddress] = produced("where traffic to the internet comes from", name="nat-pub-ip")


class Cluster(CdkEnver, build=Build("eks-cluster-sbx", repo("odmd-eks"))):
    """An EKS cluster in a VPC of its own."""

    pool: Consumes[IpamPool] = consumed("where its VPC gets addresses from", name="ipamPoolName")
    gateway: Consumes[TransitGateway] = consumed("what connects its VPC", name="transitGatewayShareName")
    nat_address: Consumes[IpAddress] = consumed("where its traffic comes from", name="natPublicIP")
    vpc_pool: Consumes[IpamPool] = consumed("the pool once more, as its VPC's addresses name it", name="share-pool")
    vpc_gateway: Consumes[TransitGateway] = consumed(
        "the gateway once more; the reference library derives the name from the pool's", name="b..main-share-pool"
    )
    central_cidr: Consumes[Cidr] = consumed("what its routes lead to", name="centralVpcCidr")

    cidr: Produces[Cidr] = produced("its VPC's addresses", name="vpcCidr", external=True)
    oidc_provider: Produces[OidcProvider] = produced("whom roles of service accounts trust", name="oidcProvider")
    endpoint: Produces[ClusterEndpoint] = produced("where its API answers", name="clusterEndpoint")
    kubectl_role: Produces[Role] = produced("who may apply manifests", name="kubectlRoleArn", external=True)
    node_role: Produces[Role] = produced("whom its nodes act as", name="defaultNodeGroupRoleArn")
    domain: Produces[HostName] = produced("its private zone", name="privateDomainName", external=True)


class DefaultVpcRds(CdkEnver, build=Build("OdmdBuildDefaultVpcRds", repo("default-vpc-rds"))):
    """A VPC with a database, made for each client that asks. Nobody asks for one in this region."""


class DefaultKubeEks(CdkEnver, build=Build("DefaultKubeEks", repo("default-ecr-eks"))):
    """A place in the cluster, made for each client that asks. Nobody asks for one in this region."""
