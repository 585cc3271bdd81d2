"""Packages as sources: read and copied as they are installed, never imported, and refused where they are others."""

from __future__ import annotations

from pathlib import Path

import pytest

from odmd.control.ports.world import Kinship
from odmd.errors import OtherVersionInstalled, PackageHasNoBranches, PackageNotInstalled
from odmd.model import naming
from odmd.providers.git.fake import FakeRepositories
from odmd.providers.installed import InstalledHistory, InstalledSources
from support.a_package import install

NAME, FOLLOWS = "acme_greeting", "installed:acme_greeting"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    there = tmp_path / "site"
    there.mkdir()
    monkeypatch.syspath_prepend(there)
    return there


@pytest.fixture
def sources() -> InstalledSources:
    return InstalledSources(FakeRepositories())


def test_its_version_stands_where_a_commit_stands(site: Path, sources: InstalledSources, tmp_path: Path) -> None:
    folder = install(site, NAME, "1.4.2", {"greet": "#!/bin/sh\necho hello\n", "words.txt": "hello"})
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "words.pyc").write_text("what Python makes is no content of it")
    commit = sources.head(NAME, FOLLOWS)
    assert naming.is_version(commit)
    assert naming.short_commit(commit) == "1.4.2"

    sources.checkout(NAME, commit, tmp_path / "out")
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["__init__.py", "greet", "words.txt"]
    assert (tmp_path / "out" / "greet").stat().st_mode & 0o100


def test_another_version_is_other_content_whatever_a_build_reads(site: Path, sources: InstalledSources) -> None:
    found = set[str]()
    for version in ("1.0", "1.1"):
        install(site, NAME, version, {"words.txt": "hello"})
        found.add(sources.content(NAME, sources.head(NAME, FOLLOWS), ["app"]))
    assert len(found) == 2


def test_what_is_planned_and_not_installed_is_refused(site: Path, sources: InstalledSources, tmp_path: Path) -> None:
    folder = install(site, NAME, "1.4.2", {"words.txt": "hello"})
    planned = sources.head(NAME, FOLLOWS)
    (folder / "words.txt").write_text("goodbye")
    with pytest.raises(OtherVersionInstalled, match=r"the files of acme_greeting 1\.4\.2 are others here"):
        sources.checkout(NAME, planned, tmp_path / "out")
    install(site, NAME, "1.5.0", {"words.txt": "hello"})
    with pytest.raises(OtherVersionInstalled, match=r"acme_greeting 1\.5\.0 is installed here, and 1\.4\.2 is planned"):
        sources.checkout(NAME, planned, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_package_in_a_package_is_found_without_importing_either(site: Path, sources: InstalledSources) -> None:
    install(site, "acme_all.greeting", "2.0", {"words.txt": "hello"})
    (site / "acme_all" / "__init__.py").write_text("raise SystemExit('imported')\n")
    assert naming.short_commit(sources.head("acme_all.greeting", "installed:acme_all.greeting")) == "2.0"


def test_odmd_itself_is_a_package_like_any(sources: InstalledSources) -> None:
    import odmd

    assert naming.short_commit(sources.head("odmd.cdk", "installed:odmd.cdk")) == odmd.__version__


@pytest.mark.parametrize("name", ["acme_nowhere", "acme_greeting.nothing", "json", "this"])
def test_what_no_installation_brought_is_no_source(name: str, site: Path, sources: InstalledSources) -> None:
    install(site, NAME, "1.0", {})
    with pytest.raises(PackageNotInstalled):
        sources.head(name, f"installed:{name}")


def test_it_has_no_branches_and_a_repository_is_asked_as_ever(site: Path, sources: InstalledSources) -> None:
    install(site, NAME, "1.0", {})
    with pytest.raises(PackageHasNoBranches, match="has no branch main"):
        sources.head(NAME, "branch:main")


def test_versions_are_ahead_of_and_behind_each_other(site: Path) -> None:
    install(site, NAME, "1.10", {})
    history = InstalledHistory(FakeRepositories())
    now = history.find(NAME, "1.10")
    older, newer, odd = (naming.version_id(one, "f") for one in ("1.9", "2.0", "who knows"))
    assert history.kinship(NAME, now, [older, newer, odd]) == {older: Kinship(0, 1), newer: Kinship(1, 0)}
    assert history.text(NAME, now, "__init__.py")
    with pytest.raises(PackageHasNoBranches):
        history.find(NAME, "1.9")
