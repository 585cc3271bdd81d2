"""What the contracts and the values of an enver say that its run needs."""

from __future__ import annotations

import dataclasses

import pytest

from odmd.control.running.needed import of_contracts, of_source, of_value
from odmd.control.running.needs import (
    AccountNeeded,
    ArtifactNeeded,
    BootstrapNeeded,
    CertificateNeeded,
    ClusterNeeded,
    NeedSort,
    QuotaNeeded,
    RegistryNeeded,
    RepositoryNameNeeded,
    SecretThereNeeded,
    SourceNeeded,
    StackNameNeeded,
    ToolNeeded,
)
from odmd.graph import EnverNode
from odmd.graph.built import CdkNode, KubernetesNode, PackageNode
from odmd.model.build_types import CDK, COMMAND, IMAGE, KUBERNETES, NPM, Need
from odmd.model.kinds import Certificate, HostName, Image, NpmPackage, OfferedSecret, Secret, Text
from odmd.model.targets import Target
from support.worlds import ACCOUNT, DEV, node, wire

HERE = Target(ACCOUNT.id, DEV.region)
PACKAGE = PackageNode("@acme/orders", "", "https://npm.acme.dev/", "https://npm.acme.dev/")
CLUSTER = KubernetesNode("manifests", "k8s", "shared", "")


@pytest.mark.parametrize(
    ("enver", "sorts"),
    [
        (node(0, build_type=CDK.name), "tool account bootstrap name right"),
        (node(0, build_type=IMAGE.name), "tool account name"),
        (node(0, build_type=NPM.name, built=PACKAGE), "tool registry"),
        (node(0, build_type=KUBERNETES.name, built=CLUSTER), "cluster"),
        (node(0, build_type=COMMAND.name), ""),
    ],
)
def test_each_build_type_needs_what_it_says(enver: EnverNode, sorts: str) -> None:
    assert [need.sort.value for need in of_contracts(enver)] == sorts.split()


def test_what_an_agent_asks_for_is_what_fails_a_run() -> None:
    asked = [need for need in of_contracts(node(0, build_type=CDK.name), is_new=True) if need.in_runs]
    assert asked == [AccountNeeded(HERE)], "an app may do without the others"
    declared = of_contracts(node(0, build_type=CDK.name, built=CdkNode("", ("Orders",))))
    assert StackNameNeeded(HERE, "Orders", "e0/b..main") in [need for need in declared if need.in_runs]
    assert [need for need in of_contracts(node(0, build_type=NPM.name)) if need.in_runs] == [ToolNeeded(Need.NODE)]


def test_what_was_never_deployed_needs_room_and_a_name() -> None:
    new = list(of_contracts(node(0), is_new=True))
    assert [need.more for need in new if isinstance(need, QuotaNeeded)] == [1]
    assert not any(isinstance(need, QuotaNeeded) for need in of_contracts(node(0)))
    (registry,) = (
        need
        for need in of_contracts(node(0, build_type=NPM.name, built=PACKAGE), is_new=True)
        if isinstance(need, RegistryNeeded)
    )
    assert (registry.is_npm, registry.is_published) == (True, False)


def test_needs_of_many_envers_are_equal_where_they_are_the_same() -> None:
    first, second = (set(of_contracts(node(number))) for number in (0, 1))
    assert {type(one) for one in first & second} == {ToolNeeded, AccountNeeded, BootstrapNeeded}
    of_a_build = [set(of_contracts(node(0, build_type=IMAGE.name, slot=slot))) for slot in ("b..main", "b..dev")]
    assert RepositoryNameNeeded(HERE, "e0", "e0") in of_a_build[0] & of_a_build[1]


def test_a_promoted_enver_has_the_source_of_its_origin() -> None:
    assert list(of_source(node(0))) == [SourceNeeded(None, "acme/e0", "branch:main")]
    assert not list(of_source(node(0, revision="promoted:e1/b..main")))


def test_what_values_name_has_to_be_there() -> None:
    enver, given = node(1), wire(0, 1)
    image = "111122223333.dkr.ecr.us-west-1.amazonaws.com/e0@sha256:" + "0" * 64
    assert list(of_value(enver, given, Image, image)) == [ArtifactNeeded(Image, image, given, HERE)]
    assert list(of_value(enver, given, Certificate, "arn:c")) == [CertificateNeeded(HERE, "arn:c")]
    assert list(of_value(enver, given, Secret, "arn:s")) == [SecretThereNeeded(HERE, "arn:s")]
    arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db"
    assert list(of_value(enver, given, OfferedSecret, f"{arn}#password")) == [SecretThereNeeded(HERE, arn)]
    assert not list(of_value(enver, given, OfferedSecret, "vault://kv/acme/db#password"))
    assert not list(of_value(enver, given, Text, "anything"))
    own = type("OwnPackage", (NpmPackage,), {})
    assert [type(one) for one in of_value(enver, given, own, "@acme/orders@1.0.0")] == [ArtifactNeeded]


def test_a_cluster_whose_name_is_consumed_is_known_once_it_has_a_value() -> None:
    consumed = dataclasses.replace(CLUSTER, cluster="", cluster_input="in0")
    enver = node(1, [wire(0, 1)], build_type=KUBERNETES.name, built=consumed)
    assert not list(of_contracts(enver))
    assert list(of_value(enver, wire(0, 1), HostName, "shared")) == [ClusterNeeded("shared", HERE)]


def test_every_sort_says_in_words_what_it_is() -> None:
    assert all(sort.value.islower() for sort in NeedSort)
    for enver in (node(0), node(0, build_type=NPM.name, built=PACKAGE)):
        for need in of_contracts(enver, is_new=True):
            assert str(need)
            assert not str(need).startswith(type(need).__name__)
