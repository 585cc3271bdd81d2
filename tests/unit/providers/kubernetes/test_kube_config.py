"""Private config in manifests: as text, or as what it is; the recipe has its place, and never what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.running.config_places import config_at, with_config
from odmd.control.running.place import Workplace
from odmd.errors import ConfigLacking, ConfigShown, ManifestsUnfit
from odmd.graph.nodes import ConfigNode
from odmd.model.build_types import KUBERNETES
from odmd.providers.kubernetes import recipe
from odmd.providers.kubernetes.manifests import documents_of
from odmd.providers.kubernetes.placeholders import filled, of_configs
from support.jobs import job
from support.worlds import node

CONFIGS = (ConfigNode("scale", "Scale", "", "deploy"), ConfigNode("how", "How", ""), ConfigNode("now", "N", "", "live"))
ENVER = node(0, products=(), build_type=KUBERNETES.name, configs=CONFIGS)
SAID = {"scale": {"replicas": 3, "label": "a", "limits": {"cpu": "1"}, "token": "s3cret-4711"}, "how": {"fast": True}}
MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: ${odmd.config-value:scale.replicas}
  fast: ${odmd.config-value:how.fast}
  limits: ${odmd.config-value:scale.limits}
  env: ["${odmd.config:scale.replicas}", "x-${odmd.config:scale.label}-${odmd.config:how.fast}"]
  all: ${odmd.config:how}
"""


def objects(text: str = MANIFEST) -> list[Any]:
    return recipe.objects_for(ENVER, list(documents_of("m.yaml", text.encode())))


def value_at(path: str) -> object:
    texts = {name: json.dumps(said) for name, said in SAID.items()}
    return config_at(texts, path, "e0@main", ["s3cret-4711"])


def test_it_stands_there_as_text_or_as_what_it_is_and_not_in_the_recipe() -> None:
    (made,) = objects()
    spec = filled(made, of_configs([made], value_at))["spec"]  # type: ignore[index,call-overload]
    assert spec == {
        "replicas": 3,
        "fast": True,
        "limits": {"cpu": "1"},
        "env": ["3", "x-a-true"],
        "all": '{"fast":true}',
    }
    assert b"x-a" not in recipe.to_recipe(ENVER, [made])
    assert recipe.from_recipe(recipe.to_recipe(ENVER, [made]), ENVER) == [made]


@pytest.mark.parametrize(
    ("before", "after", "fact"),
    [
        ("config:scale.label", "config:size.label", "config:size"),
        ("config:scale.label", "config:now.label", "config:now"),
        ("-${odmd.config:how.fast}", "-${odmd.config-value:how.fast}", "nothing may stand beside"),
        ("config:scale.label", "configs:scale.label", "a placeholder is"),
    ],
)
def test_another_config_and_a_value_in_the_middle_of_a_text_are_refused(before: str, after: str, fact: str) -> None:
    with pytest.raises(ManifestsUnfit, match=fact):
        objects(MANIFEST.replace(before, after))


def test_config_that_is_handed_over_is_used_by_some_manifest() -> None:
    with pytest.raises(ManifestsUnfit, match="input `config:scale` is declared"):
        objects("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n")


def test_what_is_not_there_is_said_with_the_command_that_mends_it() -> None:
    with pytest.raises(ConfigLacking, match=r"config scale\.memory of e0@main") as told:
        value_at("scale.memory")
    assert "odmd config set e0@main scale.memory=VALUE" in told.value.next_step


@pytest.mark.parametrize("path", ["scale.token", "scale"])
def test_what_is_sensitive_is_not_written_where_many_read(path: str) -> None:
    with pytest.raises(ConfigShown) as told:
        value_at(path)
    assert "4711" not in str(told.value)


def test_what_prints_manifests_is_told_what_counts_then(tmp_path: Path) -> None:
    texts = {"scale": "{}", "how": '{"fast":true}'}
    made = replace(job(Workplace(tmp_path), ENVER), config=texts)
    assert made.read_config == {"ODMD_CONFIG_HOW": '{"fast":true}'}
    assert made.config_at("how.fast") is True


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda of: st.lists(of) | st.dictionaries(st.text(), of)
    )
)
def test_whatever_a_value_holds_it_stays_one_value(value: object) -> None:
    assert filled({"a": "${odmd.config-value:x}"}, {"config-value:x": value}) == {"a": value}  # type: ignore[dict-item]
    text = with_config("<${odmd.config:x}>", lambda _: value)
    assert (text[1:-1] == value) if isinstance(value, str) else (json.loads(text[1:-1]) == value)
