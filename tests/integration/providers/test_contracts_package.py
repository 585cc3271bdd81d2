"""Contracts as a package, for real: built by their own backend in a cage, published to an index that is one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from odmd.agent.mask import Mask
from odmd.agent.removal import remove
from odmd.bootstrap.shapes import PackagedShapes
from odmd.control.running.place import Workplace
from odmd.control.running.procedures import Job
from odmd.control.running.proposal import Proposal
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.errors import (
    IndexUnreachable,
    OdmdError,
    PackageUnfit,
    RecipeUnfit,
    UploadRefused,
    VersionTaken,
    VersionTooLow,
)
from odmd.graph import EnverNode, ProductNode
from odmd.graph.built import PackageNode
from odmd.model.build_types import CONTRACTS
from odmd.model.kinds import PythonPackage
from odmd.model.targets import Target
from odmd.private import private_folder
from odmd.providers.cage import Isolation, find_cage
from odmd.providers.contracts import ContractsProcedure
from odmd.providers.contracts.procedure import Publishing
from odmd.providers.environments import Environments, Shelf
from odmd.providers.git.fake import FakeRepositories
from odmd.providers.packages.building import build_wheel
from odmd.providers.packages.removal import PackageRemover
from odmd.providers.packages.wheel import read_wheel
from odmd.providers.packages.workshop import Workshop
from odmd.providers.workroom import Workroom
from support import packaged
from support.jobs import job as a_job
from support.package_index import PASSWORD, PackageIndex, package_index
from support.packaged import project
from support.worlds import address, node

KIND = f"{PythonPackage.__module__.rpartition('.')[0]}:PythonPackage"
PRODUCT = ProductNode(f"{address(0)}/package", "package", KIND)
WHEEL = "acme_contracts-1.0.0-py3-none-any.whl"
NARROWER = packaged.CONTRACTS.replace("    item: str\n", "")
WIDER = packaged.CONTRACTS.replace("    item: str\n", "    item: str\n    table: int = 0\n")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The build's tools are installed once."""
    return Shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    with package_index(tmp_path_factory.mktemp("index")) as running:
        yield running


@pytest.fixture
def index(listening: PackageIndex) -> PackageIndex:
    """It has nothing."""
    listening.clear()
    return listening


_BUILT: dict[tuple[tuple[str, str], ...], bytes] = {}


class Site:
    """A repository of contracts, and what one machine publishes of it."""

    def __init__(self, folder: Path, shelf: Shelf, index: PackageIndex) -> None:
        package = PackageNode("acme-contracts", "acme_contracts:acme", index.simple, index.url)
        made = node(0, products=(PRODUCT,))
        self.enver: EnverNode = replace(made, build_type=CONTRACTS.name, built=package)
        self.repositories, self.folder, self.said = FakeRepositories(), folder, list[str]()
        cage = find_cage(Isolation.PREFERRED)
        workshop = Workshop(
            Workroom(lambda hidden: Mask(hidden).stream(), lambda: cage),
            Environments(shelf, Mask({}), cage=lambda: cage),
        )
        self.procedure = ContractsProcedure(workshop, PackagedShapes(lambda: cage))
        self.commit, self.runs = "", 0
        self.files: tuple[tuple[str, str], ...] = ()

    def commits(self, files: Mapping[str, str]) -> Site:
        self.files = tuple(sorted(files.items()))
        self.commit = self.repositories.commit(self.enver.repo, "main", files)
        return self

    def job(self) -> Job:
        self.runs += 1
        place = Workplace(private_folder(self.folder / str(self.runs) / "1"))
        return a_job(
            place,
            self.enver,
            commit=self.commit,
            run=self.runs,
            checkout=lambda: self.repositories.checkout(self.enver.repo, self.commit, place.source),
            said=self.said,
        )

    def prepared(self) -> bytes:
        """The wheel; of the same files it is built once for all tests, as it is the same."""
        if self.files not in _BUILT:
            _BUILT[self.files] = self.procedure.prepare(self.job())
        return _BUILT[self.files]

    def work(self) -> Publishing:
        """What a run comes to before anything moves."""
        job = self.job()
        self.procedure.preflight(job)
        work = self.procedure.open(self.prepared(), job)
        work.prove()
        work.deliver()
        return work

    def run(self) -> tuple[Proposal, str]:
        """What a run that goes well proposed, and what it gives to others."""
        return finished(self.work())


def finished(work: Publishing) -> tuple[Proposal, str]:
    (unit,) = work.units
    assert not work.look(unit).is_there
    proposal = work.propose(unit, continued=False)
    carried_out = work.carry_out(proposal)
    work.settle(unit)
    return proposal, work.observe(unit, json.loads(json.dumps(carried_out))).texts["package"]


@pytest.fixture
def site(tmp_path: Path, shelf: Shelf, index: PackageIndex, monkeypatch: pytest.MonkeyPatch) -> Site:
    for name, text in index.environment.items():
        monkeypatch.setenv(name, text)
    return Site(tmp_path / "runs", shelf, index).commits(project())


def test_it_is_built_published_and_read_back(site: Site, index: PackageIndex) -> None:
    proposal, text = site.run()
    assert text == "acme-contracts==1.0.0"
    assert [(one.action, one.logical_id) for one in proposal.changes] == [("Add", WHEEL)]
    assert index.files() == {WHEEL: read_wheel(site.prepared()).sha256}
    assert any("has it" in line for line in site.said)


def test_what_is_published_can_be_installed_by_others(site: Site, index: PackageIndex, tmp_path: Path) -> None:
    _, text = site.run()
    into = tmp_path / "installed"
    words = ["pip", "install", "--no-deps", "--target", str(into), "--index-url", index.simple, text]
    done = subprocess.run([sys.executable, "-m", "uv", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (into / "acme_contracts" / "__init__.py").read_text() == packaged.CONTRACTS


def test_the_same_files_make_the_same_package_whatever_else_was_committed(site: Site) -> None:
    one = site.procedure.prepare(site.job())
    site.commits({**project(), "NOTES": "of no concern"})
    assert site.procedure.prepare(site.job()) == one


def test_what_is_published_already_is_nothing_to_do(site: Site, index: PackageIndex) -> None:
    site.run()
    proposal, text = site.run()
    assert (proposal.empty, text) == (True, "acme-contracts==1.0.0")
    assert index.uploads() == 1


def test_another_content_under_a_version_that_is_taken_asks_for_a_higher_version(
    site: Site, index: PackageIndex
) -> None:
    site.run()
    before = index.files()
    site.commits(project(contracts=WIDER))
    with pytest.raises(VersionTaken, match=r"1\.0\.0 is published already, with other content") as refused:
        site.run()
    assert "raise the version" in refused.value.next_step
    assert index.files() == before


def test_a_version_that_keeps_what_was_promised_follows(site: Site) -> None:
    site.run()
    site.commits(project("1.1.0", WIDER))
    proposal, text = site.run()
    assert text == "acme-contracts==1.1.0"
    assert proposal.changes[0].cause == "keeps what 1.0.0 promised"


def test_a_version_that_breaks_what_was_promised_says_what_and_to_whom(site: Site, index: PackageIndex) -> None:
    site.run()
    gone = NARROWER.replace('    page: Produces[Website] = produced("where to order", external=True)\n', "")
    site.commits(project("1.1.0", gone))
    with pytest.raises(VersionTooLow) as refused:
        site.run()
    assert "Shop.bus, for its readers: " in refused.value.fact
    assert "Shop.page is gone" in refused.value.fact
    assert "raise the version to 2.0.0" in refused.value.next_step
    assert list(index.files()) == [WHEEL]
    site.commits(project("2.0.0", gone))
    assert site.run()[0].changes[0].cause == "may break what 1.0.0 promised"


def test_a_version_of_an_older_line_is_compared_with_that_line(site: Site) -> None:
    site.run()
    site.commits(project("2.0.0", NARROWER)).run()
    assert site.commits(project("1.0.1", WIDER)).run()[1] == "acme-contracts==1.0.1"


def test_contracts_whose_published_version_cannot_be_read_need_a_major_one(site: Site, index: PackageIndex) -> None:
    """PublishedFile by hand, say, and without the organisation where the contract says that it is."""
    site.commits(project("1.0.0", packaged.CONTRACTS.replace("acme = Org", "other = Org")))
    (index.folder / WHEEL).write_bytes(build_wheel(site.procedure.workshop, _checked_out(site)))
    site.commits(project("1.1.0"))
    with pytest.raises(VersionTooLow, match=r"1\.0\.0, which is published, cannot be compared with 1\.1\.0"):
        site.run()
    assert site.commits(project("2.0.0")).run()[1] == "acme-contracts==2.0.0"


def _checked_out(site: Site) -> Job:
    job = site.job()
    job.checkout()
    return job


def test_who_is_killed_after_the_upload_goes_on_without_a_second_one(site: Site, index: PackageIndex) -> None:
    work = site.work()
    work.carry_out(work.propose(work.units[0], continued=False))
    proposal, text = finished(site.procedure.open(site.prepared(), site.job()))
    assert (proposal.empty, text, index.uploads()) == (True, "acme-contracts==1.0.0", 1)


def test_two_at_once_that_publish_the_same_both_succeed(site: Site, index: PackageIndex) -> None:
    works = [site.work(), site.work()]
    proposals = [work.propose(work.units[0], continued=False) for work in works]
    threads = [
        threading.Thread(target=work.carry_out, args=(proposal,))
        for work, proposal in zip(works, proposals, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not any(proposal.empty for proposal in proposals)
    assert list(index.files()) == [WHEEL]
    for work in works:
        assert work.propose(work.units[0], continued=False).empty


def test_who_comes_second_with_other_content_is_refused(site: Site, index: PackageIndex) -> None:
    late = site.work()
    proposal = late.propose(late.units[0], continued=False)
    site.commits(project(contracts=WIDER)).run()
    with pytest.raises(VersionTaken) as refused:
        late.carry_out(proposal)
    assert refused.value.clean
    assert len(index.files()) == 1


def test_without_a_password_the_index_says_no_and_nothing_is_there(
    site: Site, index: PackageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    (variable,) = (name for name in index.environment if name.endswith("_PASSWORD"))
    monkeypatch.setenv(variable, "a-wrong-password")
    with pytest.raises(UploadRefused, match=r"40[13]") as refused:
        site.run()
    assert variable in refused.value.next_step
    assert "a-wrong-password" not in f"{refused.value} {refused.value.next_step} {site.said}"
    assert index.files() == {}


def test_a_netrc_file_says_who_signs_in(
    site: Site, index: PackageIndex, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in index.environment:
        monkeypatch.delenv(name)
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login publisher password {PASSWORD}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert site.run()[1] == "acme-contracts==1.0.0"
    assert not any(PASSWORD in line for line in site.said)


def test_an_index_that_is_not_there_is_tried_again(site: Site, index: PackageIndex) -> None:
    nowhere = "http://127.0.0.1:1/"
    site.enver = replace(site.enver, built=replace(site.enver.built, index=nowhere, upload=nowhere))  # type: ignore[type-var]
    with pytest.raises(IndexUnreachable, match="does not answer") as away:
        site.run()
    assert (away.value.retryable, away.value.clean) == (True, True)


def test_an_upload_that_the_index_never_lists_is_no_success(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with package_index(tmp_path / "another") as another:
        for name, said in another.environment.items():
            monkeypatch.setenv(name, said)
        site.enver = replace(site.enver, built=replace(site.enver.built, upload=another.url))  # type: ignore[type-var]
        site.procedure = replace(site.procedure, listed_within=1)
        with pytest.raises(UploadRefused, match="does not list it after 1 s"):
            site.run()


def test_what_lies_in_the_index_is_read_and_not_only_what_it_says(site: Site, index: PackageIndex) -> None:
    """A file that is changed while the index remembers what it was."""
    site.run()
    work = site.work()
    release = work._index.releases()[0]
    lied = replace(release, sha256="0" * 64)
    with pytest.raises(IndexUnreachable, match="is not what the index lists"):
        work._index.content(lied)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("pyproject.toml", None, "is not there at"),
        ("pyproject.toml", "[project]\nname = 'x'\n", "does not say what it is built with"),
        ("pyproject.toml", packaged.PROJECT.format(version="1").replace("==3.12.0", ">=3"), "is built with any"),
        ("pyproject.toml", packaged.PROJECT.format(version="1").replace("flit_core==3.12.0", "flit_core==3.*"), "any"),
        ("pyproject.toml", packaged.PROJECT.format(version="one"), "ended with 1"),
        ("acme_contracts/__init__.py", "acme = 7\n", "is no Organisation"),
    ],
)
def test_what_is_no_package_of_contracts_says_why(
    site: Site, index: PackageIndex, file: str, text: str | None, said: str
) -> None:
    files = {**project(), file: text}
    site.commits({name: text for name, text in files.items() if text is not None})
    with pytest.raises(OdmdError, match=said):
        site.run()
    assert index.files() == {}


def test_contracts_that_break_rules_are_not_published(site: Site, index: PackageIndex) -> None:
    site.commits(project(contracts=packaged.CONTRACTS.replace(", orders=shop.bus", "")))
    with pytest.raises(PackageUnfit, match=r"break rules:\n(.|\n)*acme_contracts/__init__\.py:\d+: ODMD\d+"):
        site.run()
    assert index.files() == {}


def test_a_package_of_another_name_is_not_published(site: Site) -> None:
    files = {name: text.replace("acme-contracts", "other-contracts") for name, text in project().items()}
    site.commits({name.replace("acme_contracts", "other_contracts"): text for name, text in files.items()})
    with pytest.raises(PackageUnfit, match="it is other-contracts, and acme-contracts is to be published"):
        site.run()


def test_a_recipe_that_is_another_package_is_not_the_envers(site: Site, tmp_path: Path) -> None:
    kept = site.prepared()
    zipped = tmp_path / "no-wheel.zip"
    with zipfile.ZipFile(zipped, "w") as made:
        made.writestr("x", "y")
    for other in (b"", b"{}", kept[:-40], zipped.read_bytes()):
        with pytest.raises(RecipeUnfit):
            site.procedure.open(other, site.job())
    site.enver = replace(site.enver, built=replace(site.enver.built, distribution="other"))  # type: ignore[type-var]
    with pytest.raises(RecipeUnfit, match="it is acme-contracts, and other is to be published"):
        site.procedure.open(kept, site.job())


def test_a_build_backend_sees_no_secret_and_no_network(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    if find_cage(Isolation.PREFERRED).program is None:
        pytest.skip("this machine has no cage")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-worker")
    backend = """
import os, socket
from flit_core.buildapi import *
print("secrets:", sum("secret-of" in one or "password-of" in one for one in os.environ.values()), "networks:",
      len(socket.if_nameindex()), "home:", os.listdir(os.path.expanduser("~")))
"""
    text = packaged.PROJECT.format(version="1.0.0").replace("flit_core.buildapi", "backend")
    text = text.replace('"backend"', '"backend"\nbackend-path = ["."]')
    site.commits({**project(), "pyproject.toml": text, "backend.py": backend})
    site.procedure.prepare(site.job())
    assert any("secrets: 0 networks: 1 home: []" in line for line in site.said), site.said


def test_of_what_was_published_nothing_is_removed() -> None:
    said = list[str]()
    remover = PackageRemover(lambda enver, what: said.append(f"{enver}: {what}"))
    done = remove(remover, RemoveEnver(address(0), Target("111122223333", "us-west-1"), None, "", 7.0))
    assert (done.error, done.loss, done.began) == ("", None, 7.0)
    assert "never removed" in said[0]
    assert remover.clear(ClearUnits(address(0), (), "", 7.0)).removed == ()


def test_an_index_that_sends_on_to_another_one_does_not_have_it(site: Site) -> None:
    """pypiserver sends on to PyPI, where somebody else may have the name."""
    work = site.work()
    assert work._index.releases() == ()


def test_the_guide_is_published_as_it_is_written(site: Site, index: PackageIndex) -> None:
    text = (Path(__file__).parents[3] / "docs" / "guides" / "contracts-package.md").read_text()
    (contracts,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (toml,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    for said in ("https://pypi.acme.dev/simple/", "https://pypi.acme.dev/", "ODMD_INDEX_PYPI_ACME_DEV_PASSWORD"):
        assert said in text
    site.commits({"pyproject.toml": toml, "acme_contracts/__init__.py": contracts})
    assert site.run()[1] == "acme-contracts==1.0.0"
    assert list(index.files()) == [WHEEL]


def test_contracts_with_kinds_of_their_own_leave_no_process_behind(site: Site) -> None:
    own = packaged.CONTRACTS.replace(
        "@dataclass(frozen=True)", "class Page(Website):\n    pass\n\n@dataclass(frozen=True)"
    )
    site.commits(project(contracts=own.replace("Produces[Website]", "Produces[Page]")))
    before = psutil.Process().children(recursive=True)
    work = site.work()
    assert "acme_contracts:Page" in work._shape.lineage
    now = [one for one in psutil.Process().children(recursive=True) if one not in before]
    assert not [one for one in now if "odmd.bootstrap.apart_inside" in one.cmdline()]
