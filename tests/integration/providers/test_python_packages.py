"""Python packages, for real: a wheel and its sources, built by their own backend, published to an index that is one."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.version import Version

from odmd.control.running.needs import ArtifactNeeded, Proven, Unknown
from odmd.control.running.observing import LastDeployed
from odmd.control.running.proposal import Proposal
from odmd.errors import ArtifactMissing, PackageUnfit, RecipeUnfit, VersionTaken
from odmd.graph import ProductNode
from odmd.graph.built import PackageNode
from odmd.model.build_types import PYTHON
from odmd.model.kinds import PythonPackage
from odmd.model.targets import Target
from odmd.providers.environments import Shelf
from odmd.providers.packages.drift import PackageObserver
from odmd.providers.packages.proof import PythonProof
from odmd.providers.python import PythonHandovers, PythonProcedure
from odmd.providers.python.drift import published
from support.package_index import PackageIndex, package_index
from support.publishing import Publisher, finished, workshop
from support.worlds import address, node, wire

NOWHERE = Target("111122223333", "us-west-1")

KIND = f"{PythonPackage.__module__.rpartition('.')[0]}:PythonPackage"
PRODUCT = ProductNode(f"{address(0)}/package", "package", KIND)
PROJECT = """
[build-system]
requires = ["flit_core==3.12.0"]
build-backend = "flit_core.buildapi"

[project]
name = "acme-orders"
version = "{version}"
description = "What can be ordered"
requires-python = ">=3.11"
"""
BOTH = ["acme_orders-1.0.0-py3-none-any.whl", "acme_orders-1.0.0.tar.gz"]


def project(version: str = "1.0.0", text: str = "ORDERS = 1\n") -> Mapping[str, str]:
    return {"pyproject.toml": PROJECT.format(version=version), "acme_orders.py": text}


class Site(Publisher):
    """A Python package."""

    procedure: PythonProcedure

    def __init__(self, folder: Path, shelf: Shelf, index: PackageIndex) -> None:
        package = PackageNode("acme-orders", "", index.simple, index.url)
        enver = replace(node(0, products=(PRODUCT,)), build_type=PYTHON.name, built=package)
        super().__init__(folder, enver, PythonProcedure(workshop(shelf)))

    def of_branch(self, slot: str = "b..fix-1") -> Site:
        package = replace(self.enver.built, releases=False)  # type: ignore[type-var]
        self.enver = replace(self.enver, built=package, slot=slot, address=f"e0/{slot}")
        return self

    def run(self, kept: bytes | None = None) -> tuple[Proposal, str]:
        job = self.job()
        self.procedure.preflight(job)
        return finished(self.procedure.open(kept or self.procedure.prepare(job), job))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The build's tools are installed once."""
    return Shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PackageIndex]:
    with package_index(tmp_path / "index") as running:
        yield running


@pytest.fixture
def site(tmp_path: Path, shelf: Shelf, index: PackageIndex, monkeypatch: pytest.MonkeyPatch) -> Site:
    for name, text in index.environment.items():
        monkeypatch.setenv(name, text)
    return Site(tmp_path / "runs", shelf, index).commits(project())


def test_a_wheel_and_its_sources_are_published_and_can_be_installed(
    site: Site, index: PackageIndex, tmp_path: Path
) -> None:
    proposal, text = site.run()
    assert text == "acme-orders==1.0.0"
    assert [(one.action, one.logical_id) for one in proposal.changes] == [("Add", text)]
    assert list(index.files()) == BOTH
    into = tmp_path / "installed"
    words = ["pip", "install", "--no-deps", "--target", str(into), "--index-url", index.simple, text]
    done = subprocess.run([sys.executable, "-m", "uv", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (into / "acme_orders.py").read_text() == "ORDERS = 1\n"
    with tarfile.open(index.folder / BOTH[1]) as sources:
        assert {one.mtime for one in sources} == {1580601600}


def test_the_same_files_are_published_once_and_others_under_that_version_never(site: Site, index: PackageIndex) -> None:
    site.run()
    proposal, text = site.commits(project()).run()
    assert (proposal.empty, text, index.uploads()) == (True, "acme-orders==1.0.0", 2)
    before = index.files()
    site.commits(project(text="ORDERS = 2\n"))
    with pytest.raises(VersionTaken, match="published already, with other content") as taken:
        site.run()
    assert "raise the version" in taken.value.next_step
    assert index.files() == before


def test_who_is_killed_between_wheel_and_sources_publishes_the_rest(site: Site, index: PackageIndex) -> None:
    kept = site.prepared()
    site.run(kept)
    (index.folder / BOTH[1]).unlink()
    proposal, _ = site.run(kept)
    assert not proposal.empty
    assert list(index.files()) == BOTH
    assert index.uploads() == 3, "the wheel is there"


def test_a_branch_publishes_pre_releases_of_its_own(site: Site, index: PackageIndex) -> None:
    _, first = site.of_branch().run()
    version = Version(first.partition("==")[2])
    assert (version.is_devrelease, version.base_version) == (True, "1.0.0")
    assert site.run()[0].empty
    assert len(index.files()) == 2


def test_what_becomes_of_a_pre_release_that_nobody_runs_with_is_said(site: Site) -> None:
    kept = site.of_branch().prepared()
    work = site.procedure.open(kept, site.job())
    _, text = finished(work)
    behind = work.observe(work.units[0], {}).behind["package"]
    assert PythonHandovers().retire(behind, None, "e0/b..fix-1/package").startswith(f"{text} is kept: who keeps")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "is not there at"),
        ("[project]\nname = 'acme-orders'\ndynamic = ['version']\n", "does not say which version"),
        ("[project]\nname = 'acme-orders'\nversion = 'one'\n", "does not say which version"),
        ("[project\n", "does not say which version"),
    ],
)
def test_a_project_without_a_version_has_no_pre_releases(site: Site, text: str | None, said: str) -> None:
    site.of_branch().commits({"x.py": ""} if text is None else {"pyproject.toml": text})
    with pytest.raises(PackageUnfit, match=said) as unfit:
        site.prepared()
    assert unfit.value.next_step


def test_a_package_of_another_name_is_not_published(site: Site, index: PackageIndex) -> None:
    site.commits({"pyproject.toml": PROJECT.format(version="1").replace("acme-orders", "other"), "other.py": '"""x"""'})
    with pytest.raises(PackageUnfit, match="it is other, and acme-orders is to be published"):
        site.prepared()
    assert index.files() == {}


def test_a_recipe_that_is_another_package_is_not_the_envers(site: Site) -> None:
    kept = site.prepared()
    for other in (b"", b"{}", kept[:-40], kept[:60] + b"x" + kept[61:]):
        with pytest.raises(RecipeUnfit):
            site.procedure.open(other, site.job())
    with pytest.raises(RecipeUnfit, match="publishes pre-releases"):
        site.of_branch().procedure.open(kept, site.job())


def test_a_version_that_is_consumed_is_proven_to_be_there(site: Site, index: PackageIndex) -> None:
    _, text = site.run()
    consumed = wire(0, 1)._replace(registry=index.simple)
    proof = PythonProof()
    assert isinstance(proof.prove(ArtifactNeeded(PythonPackage, text, consumed, NOWHERE)), Proven)
    for missing in ("acme-orders==9.9", "acme-orders==no", "never==1.0"):
        with pytest.raises(ArtifactMissing, match="which is consumed as"):
            proof.prove(ArtifactNeeded(PythonPackage, missing, consumed, NOWHERE))
    assert isinstance(proof.prove(ArtifactNeeded(PythonPackage, "never==1.0", wire(0, 1), NOWHERE)), Unknown)


def test_what_an_index_has_no_more_or_otherwise_is_named(site: Site, index: PackageIndex) -> None:
    recipe = site.prepared()
    site.run(recipe)
    deployed = LastDeployed(site.enver, Target("111122223333", "eu-west-1"), recipe, {}, {})
    observer = PackageObserver(published)
    assert observer.observe(deployed, resources=False).deviations == ()
    wheel, sources = (index.folder / name for name in BOTH)
    wheel.write_bytes(wheel.read_bytes() + b"more")
    sources.unlink()
    seen = observer.observe(deployed, resources=False).deviations
    assert [(one.unit, one.what) for one in seen] == [("acme-orders 1.0.0", name) for name in BOTH]
    assert [one.found == "is not there any more" for one in seen] == [False, True]
    wheel.unlink()
    site.run(recipe)
    assert observer.observe(deployed, resources=False).deviations == (), "a run puts it back"
