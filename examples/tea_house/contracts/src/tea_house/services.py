"""The tea house's services: what each consumes and produces, how it is built, and who owns it."""

from odmd.model import (
    Build,
    CdkEnver,
    CommandEnver,
    Consumes,
    Dockerfile,
    ImageEnver,
    KubernetesEnver,
    NpmEnver,
    Produces,
    Repo,
    ServiceAddress,
    Team,
    consumed,
    produced,
)
from odmd.model.kinds import Image, KubernetesService, NpmPackage, Text, Website

kitchen, office = Team("kitchen"), Team("office")
tea = Repo("tea-house/tea", kitchen)


class TeaImage(ImageEnver, build=Build("tea-image", tea, folder="image")):
    """What serves tea, as an image."""

    app: Produces[Image] = produced("serves tea", source=Dockerfile("Dockerfile"))


class Prices(CommandEnver, build=Build("prices", Repo("tea-house/prices", office))):
    """Says what tea costs."""

    pot: Produces[Text] = produced("what a pot costs")


class Tea(KubernetesEnver, build=Build("tea", tea, folder="k8s")):
    """Serves tea in a cluster."""

    app: Consumes[Image] = consumed("what runs")
    pot: Consumes[Text] = consumed("what a pot costs")
    inside: Produces[KubernetesService] = produced("where it answers", of=ServiceAddress("tea", "http"))


class Menu(NpmEnver, build=Build("menu", Repo("tea-house/menu", office))):
    """What there is, as a package."""

    package: Produces[NpmPackage] = produced("what can be ordered")


class Site(CdkEnver, build=Build("site", Repo("tea-house/site", office))):
    """The page where tea is ordered."""

    menu: Consumes[NpmPackage] = consumed("what the page is made with")
    tea: Consumes[KubernetesService] = consumed("who takes orders")
    page: Produces[Website] = produced("where people order", external=True)
