"""The sample service with a documented API: its image, and its deployment into the cluster."""

from odmd.model import Build, CdkEnver, Consumes, ImageEnver, Produces, consumed, produced
from odmd.model.kinds import HttpApi, ImageRepository, OidcProvider, OpenApi, Role, Website
from reference_org.kinds import ClusterEndpoint, ImageDigest
from reference_org.landscape import repo

source = repo("spring-boot-swagger-3-example")


class SpringImage(ImageEnver, build=Build("sampleSpringOpenAPI3img", source)):
    """The sample as a container image."""

    puller: Consumes[Role] = consumed("who may pull it", name="consumingEksClusterNodeGroups")

    repository: Produces[ImageRepository] = produced("where the image is", name="imgRepo")
    latest: Produces[ImageDigest] = produced("its newest version", name="imgRepo/latestSha")


class Spring(CdkEnver, build=Build("sampleSpringOpenAPI3cdk", source, folder="cdk")):
    """The sample on the cluster."""

    repository: Consumes[ImageRepository] = consumed("where its image is", name="appImgRefProducer")
    latest: Consumes[ImageDigest] = consumed("which version of it", name="appLatestRefProducer")
    cluster: Consumes[ClusterEndpoint] = consumed("where it runs", name="targetEksClusterEndpoint")
    oidc_provider: Consumes[OidcProvider] = consumed("whom its role trusts", name="oidcProviderArn")
    node_role: Consumes[Role] = consumed("whom its nodes act as", name="defaultNodeGroupRoleArn")

    endpoint: Produces[HttpApi] = produced("the sample's API", external=True)
    document: Produces[OpenApi] = produced("the API's document", name="endpoint/api-doc", external=True)
    page: Produces[Website] = produced("the document for people", name="endpoint/swagger-ui", external=True)
