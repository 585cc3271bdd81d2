"""The guide to private config says what is so."""

from __future__ import annotations

import re
from pathlib import Path

from odmd.control.leading.config_desk import KeptConfig
from odmd.control.leading.config_views import ConfigChange
from odmd.control.leading.private import PrivateVault
from odmd.graph import compile_contracts, load_organisation
from odmd.graph.difference import edition
from odmd.model.naming import config_parameter, config_variable
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

    (document,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    assert there.write_layer("enver:orders@main", document, 1).paths == ()
    assert done.lacking == ()
    shown = [line.split() for line in re.findall(r"^(?:prices|tables) .*$", GUIDE, re.MULTILINE)]
    rows = {
        (one.name, said.path, str(said.value), *said.layer.split())
        for one in there.config_of("orders@main")
        for said in one.values
    }
    assert {tuple(line) for line in shown} == rows
    assert there.config_problems() == []


def test_its_names_are_ours() -> None:
    assert f"`{config_parameter('prices')}`" in GUIDE
    assert f"`{config_variable('prices')}`" in GUIDE
