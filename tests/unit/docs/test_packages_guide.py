"""The guide to packages says what is so."""

from __future__ import annotations

import re
from pathlib import Path

from packaging.version import Version

from odmd.graph import compile_contracts, load_organisation
from odmd.graph.built import PackageNode
from odmd.providers.npm.versions import dist_tag, is_of
from odmd.providers.packages.credentials import variable_of

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "packages.md").read_text()


def test_its_contracts_are_sound_and_who_consumes_packages_knows_where_they_are(tmp_path: Path) -> None:
    (text,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "guide.py").write_text(text)
    loaded = load_organisation("guide.py:acme", tmp_path)
    compiled = compile_contracts(loaded.organisation, loaded.declared)
    assert not compiled.warnings
    envers = compiled.graph.envers
    assert all(wire.registry for wire in envers["site/b..main"].wires)
    packages = {enver.address: enver.built for enver in envers.values() if isinstance(enver.built, PackageNode)}
    assert {address: package.releases for address, package in packages.items()} == {
        "orders/b..main": True,
        "menu/b..main": True,
        "orders/b..main-_b..fix-1": False,
    }


def test_its_versions_and_names_are_ours() -> None:
    (npm,) = re.findall(r"\| `(1\.2\.0-b-\S+)` \| dist-tag `(\S+)` \|", GUIDE)
    assert is_of(npm[0], "b..fix-1")
    assert dist_tag(npm[0], "b..fix-1", frozenset()) == npm[1]
    (python,) = re.findall(r"`(1\.2\.0\.dev\d+)`", GUIDE)
    assert Version(python).is_devrelease
    assert f"`{variable_of('https://npm.acme.dev/')}_PASSWORD`" in GUIDE
    assert [dist_tag(one, "b..main", frozenset(["1.9.0"])) for one in ("2.0.0", "1.0.0", "2.0.0-rc.1")] == [
        "latest",
        "release-1.0",
        "next",
    ]
