"""The guide to private config says what is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from odmd.bootstrap.config_settings import ConfigInGit, ConfigInParameters, read_config_store
from odmd.control.config.document import EMPTY
from odmd.control.config.layers import ORGANISATION, Layer, LayerKind
from odmd.control.config.resolving import LONGEST_LIVE, Resolved, Resolver
from odmd.control.leading.config_desk import KeptConfig
from odmd.control.leading.config_views import ConfigChange, spelled
from odmd.control.leading.private import PrivateVault
from odmd.control.ports.settings import Edit
from odmd.control.running.config_places import config_at, with_config
from odmd.errors import StoreReadOnly
from odmd.graph import compile_contracts, load_organisation
from odmd.graph.difference import edition
from odmd.model.naming import config_parameter, config_path, config_variable, live_variable
from odmd.providers.aws.config_layers import KEPT
from odmd.providers.aws.config_layers import LARGEST as LARGEST_PARAMETER
from odmd.providers.git.config_layers import GitLayers
from odmd.providers.git.repositories import GitRepositories
from odmd.providers.kubernetes.placeholders import filled, of_configs
from odmd.store.settings import MemoryLayers, MemorySealed
from support.actors import SOMEBODY

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "config.md").read_text()


def desk(folder: Path) -> KeptConfig:
    (text,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    (folder / "config_guide.py").write_text(text)
    loaded = load_organisation("config_guide.py:acme", folder)
    compiled = compile_contracts(loaded.organisation, loaded.declared)
    assert not compiled.warnings
    kept = PrivateVault(MemoryLayers(), MemorySealed())
    return KeptConfig(kept, compiled.graph, edition(compiled).documents, SOMEBODY)


def test_its_commands_give_its_table_and_its_document(tmp_path: Path) -> None:
    there = desk(tmp_path)
    said = [ConfigChange("prices.currency", "EUR"), ConfigChange("prices.cents.espresso", "250")]
    done = there.change_layer("enver:orders@main", said)
    there.change_layer("stage:dev", [ConfigChange("tables.mode", "provisioned")])

    _, document = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    assert there.write_layer("enver:orders@main", document, 1).paths == ()
    assert done.lacking == ()
    shown = [line.split() for line in re.findall(r"^(?:flags|prices|tables) {3}.*$", GUIDE, re.MULTILINE)]
    rows = {
        (one.name, said.path, spelled(said.value), *said.layer.split())
        for one in there.config_of("orders@main")
        for said in one.values
    }
    assert {tuple(line) for line in shown} == rows
    assert there.config_problems() == []


def test_its_names_are_ours() -> None:
    assert f"`{config_parameter('prices')}`" in GUIDE
    assert f"`{config_variable('prices')}`" in GUIDE
    assert f"`{live_variable('flags')}`" in GUIDE
    assert f"`{config_path('orders', 'b..main', 'flags')}`" in GUIDE
    assert f"{LONGEST_LIVE:,} bytes" in GUIDE


def test_its_placeholders_stand_for_its_values(tmp_path: Path) -> None:
    manifest, document = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    there = desk(tmp_path)
    there.write_layer("enver:orders@main", document, 0)
    texts = {one.config.name: one.text for one in resolved(there)}

    def value_at(path: str) -> object:
        return config_at(texts, path, "orders@main", ())

    said = yaml.safe_load(manifest)
    assert filled(said, of_configs([said], value_at)) == {"spec": {"replicas": 5}}
    (argument,) = re.findall(r'arguments=\{"CURRENCY": "(.*?)"\}', GUIDE)
    assert with_config(argument, value_at) == "EUR"
    assert "`${odmd.config:prices.cents.espresso}`" in GUIDE
    assert with_config("${odmd.config:prices.cents.espresso}", value_at) == "250"


def resolved(there: KeptConfig) -> list[Resolved]:
    documents = {layer: one.document for layer, one in there.vault.layers.newest().items()}
    return Resolver(there.graph, there.schemas, documents).all(there.graph.envers["orders/b..main"])


def test_its_stores_are_what_the_settings_take_and_keep_layers_where_it_says() -> None:
    said = [tomllib.loads(one)["tool"]["odmd"]["config"] for one in re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)]
    parameters, repository = (read_config_store(one, "pyproject.toml") for one in said)
    assert parameters == ConfigInParameters("/acme/odmd", "111122223333", "us-west-1")
    assert repository == ConfigInGit("acme/config")
    in_git = GitLayers(GitRepositories(str, Path("nowhere")), "acme/config")
    for layer in (Layer(LayerKind.ENVER, "orders/b..main"), Layer(LayerKind.STAGE, "dev"), ORGANISATION):
        with pytest.raises(StoreReadOnly) as told:
            in_git.write(Edit(layer, EMPTY, 0, SOMEBODY, "", ()), 0.0)
        (path,) = re.findall(r"in (\S+\.yaml) of repository", told.value.fact)
        assert f"`{path}`" in GUIDE
    assert f"has at most | 1 MB | {LARGEST_PARAMETER:,} bytes" in GUIDE
    assert f"the newest {KEPT} " in GUIDE
