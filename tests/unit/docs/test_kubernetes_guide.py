"""What the guide to Kubernetes shows is sound."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path

from odmd.bootstrap.cluster_settings import read_clusters
from odmd.graph import compile_contracts
from odmd.graph.built import KubernetesNode
from odmd.model import KubernetesEnver
from odmd.providers.kubernetes.placeholders import named
from odmd.providers.kubernetes.yaml_documents import read_documents

TEXT = (Path(__file__).parents[3] / "docs" / "guides" / "kubernetes.md").read_text()


def block(of: str) -> str:
    found = re.search(rf"```{of}\n(.*?)```", TEXT, re.DOTALL)
    assert found
    return found[1]


def test_its_contracts_are_sound(tmp_path: Path) -> None:
    (file := tmp_path / "contracts.py").write_text(block("python"))
    compiled = compile_contracts(runpy.run_path(str(file))["acme"])
    assert not compiled.warnings
    kubernetes = compiled.graph.envers["shop/b..main"].built_as(KubernetesNode)
    assert kubernetes.cluster_input == "eks"


def test_its_manifest_names_an_input() -> None:
    (manifest,) = read_documents(block("yaml").encode())
    assert named(manifest) == {"image"}  # type: ignore[arg-type]


def test_its_settings_are_settings() -> None:
    said = tomllib.loads(block("toml"))["tool"]["odmd"]["clusters"]
    assert read_clusters(said, Path("/acme"), "pyproject.toml")["tea"].token_file == Path("/acme/token")


def test_it_tells_all_fields() -> None:
    own = KubernetesEnver.declaration.plain.keys() - KubernetesEnver.__mro__[1].declaration.plain.keys()
    assert own == set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))
