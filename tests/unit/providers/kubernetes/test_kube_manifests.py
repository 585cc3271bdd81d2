"""What manifests have to be before a cluster is asked, and what becomes of placeholders in them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.errors import ManifestsUnfit
from odmd.providers.kubernetes.manifests import documents_of, objects_of
from odmd.providers.kubernetes.objects import LABEL
from odmd.providers.kubernetes.placeholders import filled, misplaced, named

NAMESPACE = "shop-main"


def said(text: str, inputs: dict[str, bool] | None = None) -> list[dict[str, Any]]:
    return objects_of(list(documents_of("m.yaml", text.encode())), NAMESPACE, inputs or {}, "shop@main")


def config(extra: str = "", name: str = "menu", kind: str = "ConfigMap", version: str = "v1") -> str:
    return f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}{extra}}}\n"


def test_an_object_comes_into_the_envers_namespace_with_its_label() -> None:
    (one,) = said(config() + "status: {}\n")
    assert one == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "menu", "namespace": NAMESPACE, "labels": {LABEL: NAMESPACE}},
    }


def test_lists_are_taken_apart_and_what_others_need_comes_first() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n"
        "- {apiVersion: apps/v1, kind: Deployment, metadata: {name: shop}}\n"
        "- {apiVersion: example.org/v1, kind: Widget, metadata: {name: w}}\n"
        "- {apiVersion: v1, kind: ServiceAccount, metadata: {name: shop}}\n"
    )
    assert [one["kind"] for one in said(text)] == ["ServiceAccount", "Widget", "Deployment"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "there is no manifest", id="nothing"),
        pytest.param("- a\n", "m.yaml: it is no object", id="a list"),
        pytest.param(
            "kind: ConfigMap\nmetadata: {name: a}\n", "the `apiVersion` of ConfigMap is missing", id="no version"
        ),
        pytest.param("apiVersion: v1\nmetadata: {name: a}\n", "its `kind` is missing", id="no kind"),
        pytest.param(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a}\n", "needs a lasting one", id="no name"
        ),
        pytest.param(
            config(", namespace: other"), "is for namespace other, and the enver's is shop-main", id="elsewhere"
        ),
        pytest.param(config(kind="Namespace"), "Namespace/menu belongs to the whole cluster", id="a namespace"),
        pytest.param(config(kind="ClusterRole", version="rbac.authorization.k8s.io/v1"), "whole cluster", id="rights"),
        pytest.param(
            config(kind="CustomResourceDefinition", version="apiextensions.k8s.io/v1"), "whole cluster", id="crd"
        ),
        pytest.param(
            config(kind="CustomResourceDefinition", version="apiextensions.k8s.io/v1", name="widgets.example.org")
            + "---\n"
            + config(kind="Widget", version="example.org/v1"),
            "CustomResourceDefinition/widgets.example.org belongs to the whole cluster",
            id="a crd and an object of it",
        ),
        pytest.param(config() + "---\n" + config(), "ConfigMap/menu is in m.yaml, document 1 already", id="twice"),
        pytest.param(
            config(kind="Deployment", version="apps/v1") + "---\n" + config(kind="Deployment", version="apps/v1beta1"),
            "Deployment/menu is in m.yaml, document 1 already",
            id="twice in two versions",
        ),
        pytest.param(config(kind="Secret") + "stringData: {a: b}\n", "holds a secret's text", id="a secret"),
        pytest.param(config(name="odmd-release"), "is the record of the release", id="the record"),
        pytest.param(config(", labels: {odmd/enver: x}"), "has the label odmd/enver", id="the label"),
        pytest.param(config(name="../x"), "`metadata.name` of a ConfigMap is missing, or is none", id="a path as name"),
        pytest.param(
            config() + "data: {a: '${odmd.bus}'}\n",
            "names an input that the contract does not have; it has none",
            id="unknown input",
        ),
        pytest.param(
            config() + "data: {a: '${odmd.b us}'}\n", r"a placeholder is \$\{odmd.NAME\}", id="no placeholder"
        ),
        pytest.param(config() + "data: {'${odmd.a}': b}\n", "values have placeholders, keys have none", id="in a key"),
    ],
)
def test_what_is_not_the_envers_to_bring_is_refused(text: str, why: str) -> None:
    with pytest.raises(ManifestsUnfit, match=why):
        said(text)


def test_all_mistakes_are_said_at_once_and_an_input_that_nobody_uses_is_one() -> None:
    with pytest.raises(ManifestsUnfit) as unfit:
        said(config(", namespace: a") + "---\n" + config(", namespace: b", name="other"))
    assert unfit.value.fact.count("is for namespace") == 2
    with pytest.raises(ManifestsUnfit, match="input `image` is declared, and no manifest uses"):
        said(config(), {"image": True, "cluster": False})


def test_two_thousand_manifests_are_the_most() -> None:
    with pytest.raises(ManifestsUnfit, match="there are 2001 manifests"):
        said("---\n".join(config(name=f"c{n}") for n in range(2001)))


def test_a_placeholder_is_filled_wherever_it_stands_in_a_value() -> None:
    of = {"a": ["${odmd.image}", {"b": "x-${odmd.image}-${odmd.host.name}", "c": 3}]}
    assert named(of) == {"image", "host.name"}
    assert filled(of, {"image": "i", "host.name": "h"}) == {"a": ["i", {"b": "x-i-h", "c": 3}]}


def test_a_shells_own_variables_are_left_alone() -> None:
    of = {"run": "echo ${HOME} $odmd.x ${odmdx}"}
    assert not named(of)
    assert not list(misplaced(of))
    assert filled(of, {}) == of


@given(st.text())
def test_a_value_is_one_value_whatever_it_holds(value: str) -> None:
    """It never becomes structure, nor a placeholder again."""
    assert filled({"a": "${odmd.x}", "b": ["<${odmd.x}>"]}, {"x": value}) == {"a": value, "b": [f"<{value}>"]}
