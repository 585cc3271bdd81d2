"""One enver of each kind that a build type can have, and says all that it can; read by the release that is to be kept,
and by today's."""

from __future__ import annotations

from odmd.model import (
    Account,
    Branch,
    Build,
    CdkEnver,
    CommandEnver,
    Consumes,
    ContractsEnver,
    Dockerfile,
    Enver,
    HelmChart,
    ImageEnver,
    KubernetesEnver,
    Kustomize,
    NpmEnver,
    ObjectField,
    Organisation,
    Output,
    PrintedManifests,
    Produces,
    PythonPackageEnver,
    Repo,
    ServiceAddress,
    Stage,
    Tag,
    Team,
    produced,
)
from odmd.model.kinds import EksCluster, EventBus, Image, ImageRepository, NpmPackage, PythonPackage, Text

TEAM = Team("baristas")
DEV = Stage("dev", Account("dev", "111122223333"), "eu-west-1")
MAIN = Branch("main")
INDEX = "https://pypi.acme.dev/simple/"
UPLOAD = "https://pypi.acme.dev/"


def _build(name: str) -> Build:
    return Build(name, Repo(f"acme/{name}", TEAM), also=("shared",))


class Platform(CdkEnver, build=_build("platform")):
    eks: Produces[EksCluster] = produced("where services run")


class Orders(CdkEnver, build=_build("orders")):
    app: Consumes[Image]
    bus: Produces[EventBus] = produced("orders", of=Output("Bus"), external=True)


class Images(ImageEnver, build=_build("app")):
    app: Produces[Image] = produced(
        "the application",
        source=Dockerfile("app/Dockerfile", ".", "small", {"B": "2", "A": "1"}, ("linux/arm64",), {"key": "acme/key"}),
    )
    tool: Produces[Image] = produced("a tool", external=True)
    where: Produces[ImageRepository] = produced("where it is", external=True)


class Charted(KubernetesEnver, build=_build("charted")):
    eks: Consumes[EksCluster]
    where: Produces[Text] = produced("where it answers", of=ServiceAddress("shop"), external=True)


class Printed(KubernetesEnver, build=_build("printed")):
    ready: Produces[Text] = produced("what it says", of=ObjectField("ConfigMap/shop data.ready"), external=True)


class Menu(NpmEnver, build=_build("menu")):
    package: Produces[NpmPackage] = produced("a package", external=True)


class Tables(PythonPackageEnver, build=_build("tables")):
    package: Produces[PythonPackage] = produced("a package", external=True)


class Report(CommandEnver, build=_build("report")):
    bus: Consumes[EventBus]
    page: Produces[Text] = produced("where it is", external=True)


class Contracts(ContractsEnver, build=_build("contracts")):
    package: Produces[PythonPackage] = produced("the contracts", external=True)


def _envers() -> list[Enver]:
    platform, images = Platform(on=MAIN, at=DEV), Images(on=MAIN, at=DEV)
    orders = Orders(on=MAIN, at=DEV, app=images.app)
    menu = Menu(on=MAIN, at=DEV, package_name="@acme/menu", registry="https://npm.acme.dev/", install_scripts=True)
    tables = Tables(on=MAIN, at=DEV, distribution="acme-tables", index=INDEX, upload=UPLOAD)
    plain = Report(on=MAIN, at=DEV, commands=("./report", "./publish"), bus=orders.bus)
    return [
        platform,
        Platform(on=Branch("old"), at=DEV, stack="Cluster"),
        Platform(on=Branch("apps"), at=DEV, stacks=("ClusterStack", "DataStack")),
        images,
        Images(on=Branch("net"), at=DEV, network=True, minutes=12),
        orders,
        orders.clone(Branch("fix-1")),
        Charted(on=MAIN, at=DEV, eks=platform.eks, manifests=HelmChart("chart", ("a.yaml", "b.yaml"), "shop")),
        Charted(on=Branch("k"), at=DEV, eks=platform.eks, manifests=Kustomize("k"), takes_over=("kubectl",)),
        Printed(
            on=MAIN, at=DEV, cluster_name="acme", manifests=PrintedManifests("npx cdk8s"), minutes=3, stuck_seconds=7,
            undo=False,
        ),
        menu,
        menu.clone(Branch("fix-1")),
        Menu(on=Branch("unsaid"), at=DEV),
        tables,
        Tables(on=Branch("next"), at=DEV, distribution="acme-tables", index=INDEX, upload=UPLOAD),
        plain,
        Report(
            on=Branch("net"), at=DEV, commands=("./report",), remove="./remove", minutes=2, network=True, bus=orders.bus
        ),
        Contracts(
            on=Tag("v1"), at=DEV, distribution="acme-contracts", entry_point="acme_contracts:acme", index=INDEX,
            upload=UPLOAD,
        ),
        Contracts(on=MAIN, at=DEV),
    ]  # fmt: skip


acme = Organisation("acme", central=DEV.account, envers=_envers())
