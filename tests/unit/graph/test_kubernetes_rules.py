"""What contracts have to say of envers in Kubernetes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from odmd.errors import ContractsUnsound
from odmd.graph.compile import compile_contracts
from odmd.model import (
    Branch,
    Build,
    CdkEnver,
    CommandEnver,
    Consumes,
    ContextKey,
    Enver,
    HelmChart,
    KubernetesEnver,
    Kustomize,
    Manifests,
    ObjectField,
    Organisation,
    Output,
    PrintedManifests,
    Produces,
    Repo,
    ServiceAddress,
    consumed,
    produced,
)
from odmd.model.kinds import EksCluster, Text, TextKind
from support.worlds import ACCOUNT, DEV, TEAM

MAIN = Branch("main")


def build(name: str) -> Build:
    return Build(name, Repo(f"acme/{name}", TEAM))


class Password(TextKind):
    """Nobody shall see it."""

    sensitive = True


class Platform(CdkEnver, build=build("platform")):
    eks: Produces[EksCluster] = produced("where services run")
    other: Produces[EksCluster] = produced("where others run")
    password: Produces[Password] = produced("a secret's text")


class Shop(KubernetesEnver, build=build("shop")):
    where: Produces[Text] = produced("where it answers", of=ServiceAddress("shop"), external=True)


class OnPlatform(KubernetesEnver, build=build("on")):
    eks: Consumes[EksCluster]


class OnTwo(KubernetesEnver, build=build("on-two")):
    eks: Consumes[EksCluster]
    other: Consumes[EksCluster]


class Telling(KubernetesEnver, build=build("telling")):
    password: Consumes[Password]


class Nowhere(KubernetesEnver, build=build("nowhere")):
    where: Produces[Text] = produced("where it answers", external=True)


class OfAStack(KubernetesEnver, build=build("stack")):
    where: Produces[Text] = produced("where it answers", of=Output("Where"), external=True)


class Lifted(CommandEnver, build=build("lifted")):
    where: Produces[Text] = produced("where it answers", of=ServiceAddress("shop"), external=True)


class WithContext(KubernetesEnver, build=build("context")):
    eks: Consumes[EksCluster] = consumed("where it runs", to=ContextKey("eks"))


def codes(*envers: Enver) -> Sequence[str]:
    try:
        compile_contracts(Organisation("acme", central=ACCOUNT, envers=envers))
    except ContractsUnsound as unsound:
        return [one.code for one in unsound.diagnostics() if one.severity.value == "error"]
    return []


def shop(**said: object) -> Shop:
    return Shop(on=MAIN, at=DEV, **{"cluster_name": "tea", **said})  # type: ignore[arg-type]


PLATFORM = Platform(on=MAIN, at=DEV)


@pytest.mark.parametrize(
    ("envers", "wrong"),
    [
        ([shop()], []),
        ([shop(manifests=HelmChart("chart", values=("dev.yaml",)))], []),
        ([shop(cluster_name="")], ["ODMD060"]),
        ([PLATFORM, OnPlatform(on=MAIN, at=DEV, eks=PLATFORM.eks)], []),
        ([PLATFORM, OnTwo(on=MAIN, at=DEV, eks=PLATFORM.eks, other=PLATFORM.other)], ["ODMD060"]),
        ([PLATFORM, OnTwo(on=MAIN, at=DEV, eks=PLATFORM.eks, other=PLATFORM.other, cluster_name="x")], []),
        ([shop(manifests=Manifests("../other"))], ["ODMD060"]),
        ([shop(manifests=Kustomize("/etc"))], ["ODMD060"]),
        ([shop(manifests=HelmChart("chart", values=("../v.yaml",)))], ["ODMD060"]),
        ([shop(manifests=PrintedManifests(" "))], ["ODMD060"]),
        ([shop(minutes=0)], ["ODMD060", "ODMD060"]),
        ([shop(stuck_seconds=-1)], ["ODMD060"]),
        ([PLATFORM, Telling(on=MAIN, at=DEV, password=PLATFORM.password, cluster_name="tea")], ["ODMD061"]),
        ([Nowhere(on=MAIN, at=DEV, cluster_name="tea")], ["ODMD062"]),
        ([OfAStack(on=MAIN, at=DEV, cluster_name="tea")], ["ODMD062", "ODMD233"]),
        ([Lifted(on=MAIN, at=DEV, commands=("true",))], ["ODMD062"]),
        ([PLATFORM, WithContext(on=MAIN, at=DEV, eks=PLATFORM.eks)], ["ODMD233"]),
    ],
)
def test_an_enver_in_a_cluster_says_what_is_needed(envers: Sequence[Enver], wrong: Sequence[str]) -> None:
    assert sorted(codes(*envers)) == wrong


def test_what_it_says_of_its_cluster_is_part_of_its_slice() -> None:
    def slice_of(enver: Enver) -> str:
        graph = compile_contracts(Organisation("acme", central=ACCOUNT, envers=[enver])).graph
        return graph.slice(enver.address)

    said = [shop(), shop(cluster_name="coffee"), shop(manifests=Manifests("deploy")), shop(undo=False)]
    assert len({slice_of(one) for one in said}) == 4
    assert slice_of(shop()) == slice_of(shop())


def test_a_field_of_an_object_is_written_as_a_path() -> None:
    assert str(ObjectField("Service/shop status.loadBalancer.ingress.0.ip")).startswith("ObjectField:Service/shop ")
    with pytest.raises(ValueError, match="a field of an object"):
        ObjectField("shop.status")
    assert str(ServiceAddress("shop", "http")) == "ServiceAddress:shop:http"
