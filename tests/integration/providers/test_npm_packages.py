"""Packages for npm, for real: built by npm, pnpm and yarn in a cage, published to a registry that is one."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from odmd.control.running.needs import ArtifactNeeded, Proven, Unknown
from odmd.control.running.observing import LastDeployed
from odmd.control.running.proposal import Proposal
from odmd.control.scheduler.values import Resource
from odmd.errors import (
    AppOverLimit,
    ArtifactMissing,
    EnvironmentNotMade,
    IndexUnreachable,
    LockMissing,
    PackageUnfit,
    RecipeUnfit,
    UploadRefused,
    VersionTaken,
)
from odmd.graph import ProductNode
from odmd.graph.built import PackageNode
from odmd.model.build_types import NPM
from odmd.model.kinds import NpmPackage
from odmd.model.targets import Target
from odmd.providers.cage import Isolation, find_cage
from odmd.providers.environments import Shelf
from odmd.providers.leash import USUAL
from odmd.providers.npm import NpmHandovers, NpmProcedure, NpmProof
from odmd.providers.npm.drift import published
from odmd.providers.npm.versions import prerelease
from odmd.providers.packages.drift import PackageObserver
from odmd.providers.packages.tarballs import PackedFile, pack, unpack
from odmd.providers.packages.work import PackageWork
from support.npm_registry import NpmRegistry, npm_tools
from support.publishing import Publisher, finished, workshop
from support.soak import soak_only
from support.worlds import address, node, wire

NOWHERE = Target("111122223333", "us-west-1")

KIND = f"{NpmPackage.__module__.rpartition('.')[0]}:NpmPackage"
PRODUCT = ProductNode(f"{address(0)}/package", "package", KIND)
_NAMES = itertools.count()


class Site(Publisher):
    """A package for npm."""

    procedure: NpmProcedure

    def __init__(self, folder: Path, registry: NpmRegistry) -> None:
        self.name, self.registry = f"@acme/orders-{next(_NAMES)}", registry
        package = PackageNode(self.name, "", registry.url, registry.url)
        enver = replace(node(0, products=(PRODUCT,)), build_type=NPM.name, built=package)
        super().__init__(folder, enver, NpmProcedure(workshop(Shelf(folder / "shelf"))))

    def is_called(self, name: str) -> None:
        self.name = name
        self.enver = replace(self.enver, built=replace(self.enver.built, distribution=name))  # type: ignore[type-var]

    def manifest(self, version: str = "1.0.0", **more: object) -> str:
        said = {"name": self.name, "version": version, "description": "orders", "main": "index.js", **more}
        return json.dumps(said, indent=2)

    def files(self, version: str = "1.0.0", text: str = "module.exports = 1\n", **more: object) -> Mapping[str, str]:
        return {"package.json": self.manifest(version, **more), "index.js": text}

    def packed(self) -> bytes:
        """As `prepared`, without npm: for what is about publishing alone."""
        files = dict(self.committed)
        if not self.enver.built.releases:  # type: ignore[union-attr]
            manifest = json.loads(files["package.json"])
            digest = hashlib.sha256(f"{self.enver.slot} {sorted(files.items())}".encode()).hexdigest()
            version = prerelease(manifest["version"], self.enver.slot, digest)
            files["package.json"] = json.dumps({**manifest, "version": version})
        return pack({name: PackedFile(text.encode()) for name, text in files.items()}, "package")

    def work(self, kept: bytes | None = None) -> PackageWork:
        """What a run comes to before anything moves."""
        job = self.job()
        self.procedure.preflight(job)
        work = self.procedure.open(kept or self.packed(), job)
        work.prove()
        return work

    def run(self, kept: bytes | None = None) -> tuple[Proposal, str]:
        """What a run that goes well proposed, and what it gives to others."""
        return finished(self.work(kept))

    def built(self) -> tuple[Proposal, str]:
        """As `run`, of what npm packed."""
        return self.run(self.prepared())


@pytest.fixture
def site(tmp_path: Path, npm_registry: NpmRegistry, monkeypatch: pytest.MonkeyPatch) -> Site:
    for name, text in npm_registry.environment.items():
        monkeypatch.setenv(name, text)
    made = Site(tmp_path / "runs", npm_registry)
    return made.commits(made.files())


def of_branch(site: Site, slot: str = "b..fix-1") -> Site:
    """The same package, as another branch's enver publishes it."""
    package = replace(site.enver.built, releases=False)  # type: ignore[type-var]
    site.enver = replace(site.enver, built=package, slot=slot, address=f"e0/{slot}")
    return site


def test_it_is_packed_published_and_read_back(site: Site) -> None:
    proposal, text = site.built()
    assert text == f"{site.name}@1.0.0"
    assert [(one.action, one.logical_id) for one in proposal.changes] == [("Add", text)]
    document = site.registry.document(site.name)
    assert (list(document["versions"]), document["dist-tags"]) == (["1.0.0"], {"latest": "1.0.0"})
    assert any("has it" in line for line in site.said)


def test_npm_installs_what_was_published(site: Site, tmp_path: Path) -> None:
    site.commits(site.files(bin={"orders": "index.js"}))
    _, text = site.run()
    into = tmp_path / "installed"
    into.mkdir()
    words = ["npm", "install", "--registry", site.registry.url, "--cache", str(tmp_path / "cache"), "--no-audit", text]
    done = subprocess.run(words, cwd=into, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (into / "node_modules" / site.name / "index.js").read_text() == "module.exports = 1\n"
    assert (into / "node_modules" / ".bin" / "orders").exists()


def test_what_is_published_already_is_nothing_to_do_whatever_else_was_committed(site: Site) -> None:
    site.commits(site.files(files=["index.js"])).built()
    site.commits({**site.files(files=["index.js"]), "NOTES": "of no concern"})
    proposal, text = site.built()
    assert (proposal.empty, text, site.registry.publications(site.name)) == (True, f"{site.name}@1.0.0", 1)


def test_another_content_under_a_version_that_is_taken_asks_for_another_version(site: Site) -> None:
    site.run()
    before = site.registry.document(site.name)
    site.commits(site.files(text="module.exports = 2\n"))
    with pytest.raises(VersionTaken, match=r"1\.0\.0 is published already, with other content") as refused:
        site.run()
    assert "raise the version in acme/e0" in refused.value.next_step
    assert site.registry.document(site.name) == before
    assert site.commits(site.files("1.0.1", "module.exports = 2\n")).run()[1] == f"{site.name}@1.0.1"


def test_a_release_of_an_older_line_is_not_what_people_get_who_name_no_version(site: Site) -> None:
    site.commits(site.files("2.0.0")).run()
    site.commits(site.files("1.0.1")).run()
    site.commits(site.files("3.0.0-rc.1")).run()
    tags = site.registry.document(site.name)["dist-tags"]
    assert tags == {"latest": "2.0.0", "release-1.0": "1.0.1", "next": "3.0.0-rc.1"}


def test_a_branch_publishes_pre_releases_that_are_the_same_for_the_same_files(site: Site) -> None:
    of_branch(site)
    _, first = site.built()
    assert first.startswith(f"{site.name}@1.0.0-b-fix-1.t")
    site.commits(dict(site.files()))
    proposal, again = site.built()
    assert (proposal.empty, again) == (True, first)
    _, other = site.commits(site.files(text="module.exports = 2\n")).built()
    assert other != first
    document = site.registry.document(site.name)
    assert len(document["versions"]) == 2
    assert document["dist-tags"]["b-fix-1"] == other.rpartition("@")[2]


def test_a_pre_release_goes_when_nobody_runs_with_it_and_others_stay(site: Site) -> None:
    site.run()
    work = of_branch(site).work()
    _, text = finished(work)
    behind = work.observe(work.units[0], {}).behind["package"]
    assert NpmHandovers().retire(behind, None, "e0/b..other/package").startswith(f"{text} stays")
    assert NpmHandovers().retire(behind, None, "e0/b..fix-1/package") == ""
    assert site.registry.versions(site.name) == ["1.0.0"]
    assert NpmHandovers().retire(behind, None, "e0/b..fix-1/package") == "", "it is gone already"
    release = Resource("npm package", f"{site.name}@1.0.0", site.registry.url, "", "npm")
    assert "stays" in NpmHandovers().retire(release, None, "e0/b..main/package")
    assert site.registry.versions(site.name) == ["1.0.0"]
    assert site.commits(site.files()).run()[1] == text, "and comes again with its branch"


def test_the_only_version_of_a_package_goes_with_the_package(site: Site) -> None:
    work = of_branch(site).work()
    finished(work)
    assert NpmHandovers().retire(work.observe(work.units[0], {}).behind["package"], None, "e0/b..fix-1/package") == ""
    assert site.registry.versions(site.name) == []


def test_where_a_registry_unpublishes_nothing_it_is_said(site: Site) -> None:
    site.is_called(f"@locked/orders-{next(_NAMES)}")
    site.commits(site.files()).run()
    work = of_branch(site).work()
    _, text = finished(work)
    said = NpmHandovers().retire(work.observe(work.units[0], {}).behind["package"], None, "e0/b..fix-1/package")
    assert said.startswith(f"{text} is kept")
    assert text.rpartition("@")[2] in site.registry.versions(site.name)


def test_who_is_killed_after_the_publication_goes_on_without_a_second_one(site: Site) -> None:
    kept = site.prepared()
    work = site.work(kept)
    work.carry_out(work.propose(work.units[0], continued=False))
    proposal, text = site.run(kept)
    assert (proposal.empty, text, site.registry.publications(site.name)) == (True, f"{site.name}@1.0.0", 1)


def test_two_at_once_that_publish_the_same_both_succeed(site: Site) -> None:
    kept = site.prepared()
    works = [site.work(kept), site.work(kept)]
    proposals = [work.propose(work.units[0], continued=False) for work in works]
    failed = list[BaseException]()

    def publish(work: PackageWork, proposal: Proposal) -> None:
        try:
            work.carry_out(proposal)
        except BaseException as wrong:
            failed.append(wrong)

    threads = [threading.Thread(target=publish, args=one) for one in zip(works, proposals, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert site.registry.versions(site.name) == ["1.0.0"]


def test_without_the_right_to_publish_nothing_is_there_and_no_word_of_the_token(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    (variable,) = site.registry.environment
    monkeypatch.setenv(variable, "a-wrong-token")
    with pytest.raises((UploadRefused, IndexUnreachable), match=r"40[13]") as refused:
        site.run()
    assert variable in refused.value.next_step
    assert "a-wrong-token" not in f"{refused.value} {refused.value.next_step} {site.said}"
    monkeypatch.delenv(variable)
    monkeypatch.setenv("NPM_CONFIG_USERCONFIG", os.devnull)
    with pytest.raises(UploadRefused, match=r"40[13]"):
        site.run()
    assert site.registry.versions(site.name) == []


def test_an_npmrc_file_says_who_signs_in(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (variable,) = site.registry.environment
    monkeypatch.delenv(variable)
    monkeypatch.setenv("A_TOKEN", site.registry.token)
    at = site.registry.url.removeprefix("http:")
    (tmp_path / "npmrc").write_text(f"//elsewhere.example/:_authToken=other\n{at}:_authToken=${{A_TOKEN}}\n")
    monkeypatch.setenv("NPM_CONFIG_USERCONFIG", str(tmp_path / "npmrc"))
    assert site.run()[1] == f"{site.name}@1.0.0"
    assert not any(site.registry.token in line for line in site.said)


def test_a_registry_that_is_not_there_is_tried_again(site: Site) -> None:
    nowhere = "http://127.0.0.1:1/"
    site.enver = replace(site.enver, built=replace(site.enver.built, index=nowhere, upload=nowhere))  # type: ignore[type-var]
    with pytest.raises(IndexUnreachable, match="does not answer") as away:
        site.run()
    assert (away.value.retryable, away.value.clean) == (True, True)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": "@acme/other"}, "is of '@acme/other'"),
        ({"version": "1.0"}, r"says version '1\.0', which is none"),
        ({"version": 7}, "says version 7"),
        ({"private": True}, "is private"),
        ({"publishConfig": {"registry": "https://npm.other.dev/"}}, r"is for https://npm\.other\.dev/"),
        ({"scripts": {"build": "exit 7"}}, "ended with 7"),
        ({"scripts": {"prepack": "exit 7"}}, "ended with 7"),
    ],
)
def test_what_is_no_package_of_the_contract_says_why(site: Site, more: Mapping[str, object], said: str) -> None:
    site.commits({"package.json": json.dumps({**json.loads(site.manifest()), **more}), "index.js": ""})
    with pytest.raises(PackageUnfit, match=said) as unfit:
        site.prepared()
    assert unfit.value.next_step


@pytest.mark.parametrize("text", [None, "", "[]", "{", "[" * 100_000])
def test_a_repository_without_a_manifest_says_so(site: Site, text: str | None) -> None:
    site.commits({"index.js": ""} if text is None else {"package.json": text})
    with pytest.raises(PackageUnfit, match=r"package\.json"):
        site.prepared()


def test_at_github_packages_it_belongs_to_its_repository(site: Site) -> None:
    github = "https://npm.pkg.github.com/"
    site.enver = replace(site.enver, built=replace(site.enver.built, index=github, upload=github))  # type: ignore[type-var]
    site.commits(site.files(repository={"type": "git", "url": "git+https://github.com/acme/other.git"}))
    with pytest.raises(PackageUnfit, match="belongs to acme/other"):
        site.prepared()
    site.commits(site.files(repository="github:Acme/E0", publishConfig={"registry": "https://npm.pkg.github.com"}))
    assert site.prepared()


LEFT = "module.exports = 'left'\n"


def dependency(site: Site, **scripts: str) -> str:
    """The name of a package that is published, for others to be built with."""
    other = Site(site.folder / f"dependency-{next(_NAMES)}", site.registry)
    other.commits(other.files(text=LEFT, scripts=scripts)).run()
    return other.name


def locked(site: Site, tool: str, path: Path, tmp_path: Path, **dependencies: str) -> Mapping[str, str]:
    """The files of a package that needs others, with the lock file of a tool."""
    folder = tmp_path / f"locked-{tool}"
    folder.mkdir()
    name = next(iter(dependencies))
    build = f"node -e \"require('fs').writeFileSync('index.js', require('{name}'))\""
    files = dict(site.files(devDependencies=dependencies, scripts={"build": build}, files=["index.js"]))
    files[".npmrc"] = f"registry={site.registry.url}\n"
    for file, text in files.items():
        (folder / file).write_text(text)
    words = {
        "npm": ["npm", "install", "--package-lock-only", "--no-audit"],
        "pnpm": ["pnpm", "install", "--lockfile-only"],
        "yarn": ["yarn", "install", "--ignore-scripts", "--non-interactive"],
    }[tool]
    home = {"HOME": str(tmp_path), "NPM_CONFIG_USERCONFIG": os.devnull, "NPM_CONFIG_REGISTRY": site.registry.url}
    variables = {"PATH": f"{path}:{os.environ['PATH']}", **home, "YARN_REGISTRY": site.registry.url}
    done = subprocess.run(words, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lock = {"npm": "package-lock.json", "pnpm": "pnpm-lock.yaml", "yarn": "yarn.lock"}[tool]
    return {**files, lock: (folder / lock).read_text()}


@pytest.mark.parametrize("tool", ["npm", "pnpm", pytest.param("yarn", marks=soak_only)])
def test_the_tool_of_its_lock_file_builds_it(
    site: Site, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = npm_tools() / "node_modules" / ".bin"
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    name = dependency(site, postinstall="echo ran > ran")
    site.commits(locked(site, tool, tools, tmp_path, **{name: "1.0.0"}))
    kept = site.prepared()
    assert unpack(kept)["index.js"].content.decode() == "left"
    assert set(unpack(kept)) == {"package.json", "index.js"}
    assert any(f"{tool} installs what" in line for line in site.said)
    assert site.run(kept)[1] == f"{site.name}@1.0.0"


def test_what_it_is_built_with_runs_scripts_only_where_its_contract_asks(site: Site, tmp_path: Path) -> None:
    name = dependency(site, postinstall="echo \"module.exports = 'from a script'\" > index.js")
    site.commits(locked(site, "npm", tmp_path, tmp_path, **{name: "1.0.0"}))
    assert unpack(site.prepared())["index.js"].content == b"left"
    site.enver = replace(site.enver, built=replace(site.enver.built, install_scripts=True))  # type: ignore[type-var]
    assert unpack(site.prepared())["index.js"].content == b"from a script"


def test_a_lock_file_that_does_not_fit_is_said(site: Site, tmp_path: Path) -> None:
    files = dict(locked(site, "npm", tmp_path, tmp_path, **{dependency(site): "1.0.0"}))
    files["package.json"] = site.manifest(devDependencies={dependency(site): "1.0.0"})
    site.commits(files)
    with pytest.raises(EnvironmentNotMade, match="npm ended with"):
        site.prepared()


def test_dependencies_without_a_lock_file_are_refused(site: Site) -> None:
    site.commits(site.files(dependencies={"left-pad": "^1.0.0"}))
    with pytest.raises(LockMissing, match="no lock file") as missing:
        site.prepared()
    assert "--package-lock-only" in missing.value.next_step


def test_a_script_that_hangs_is_ended(site: Site) -> None:
    limits = replace(USUAL, seconds=2)
    shop = site.procedure.workshop
    site.procedure = replace(site.procedure, workshop=replace(shop, room=replace(shop.room, limits=limits)))
    site.commits(site.files(scripts={"build": "node -e 'setInterval(() => 0, 1000)'"}))
    with pytest.raises(AppOverLimit, match="was not done after 2 s"):
        site.prepared()


def test_a_build_sees_no_secret_and_no_network_and_what_it_prints_is_masked(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if find_cage(Isolation.PREFERRED).program is None:
        pytest.skip("this machine has no cage")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-worker")
    (tmp_path / "npmrc").write_text(f"//x/:_authToken={site.registry.token}\n")
    monkeypatch.setenv("NPM_CONFIG_USERCONFIG", str(tmp_path / "npmrc"))
    printed = "AKIA" + "Q" * 16
    script = f"""
const all = Object.values(process.env).join(), token = '{site.registry.token[:20]}'
const seen = all.includes('secret-of') + all.includes(token)
const read = require('fs').existsSync('{tmp_path / "npmrc"}')
console.log('secrets:', seen, 'networks:', Object.keys(require('os').networkInterfaces()).length, 'npmrc:', read)
console.log('key {printed}')
"""
    site.commits({**site.files(scripts={"build": "node build.js"}), "build.js": script})
    site.prepared()
    assert any("secrets: 0" in line and "npmrc: false" in line for line in site.said), site.said
    assert not any(printed in line for line in site.said)


def test_what_a_build_is_given_is_part_of_its_pre_release(site: Site) -> None:
    of_branch(site)
    site.enver = replace(site.enver, wires=(wire(1, 0)._replace(name="orders"),))
    script = "node -e \"require('fs').writeFileSync('index.js', process.env.ODMD_IN_ORDERS)\""
    site.commits(site.files(scripts={"build": script}))
    one, other = (site.procedure.prepare(site.job({"orders": text})) for text in ("@acme/a@1.0.0", "@acme/a@1.0.1"))
    assert [unpack(kept)["index.js"].content for kept in (one, other)] == [b"@acme/a@1.0.0", b"@acme/a@1.0.1"]
    assert (
        json.loads(unpack(one)["package.json"].content)["version"]
        != json.loads(unpack(other)["package.json"].content)["version"]
    )
    assert site.procedure.open(one, site.job({"orders": "@acme/a@1.0.0"})).stale()


def test_a_recipe_that_is_another_package_is_not_the_envers(site: Site) -> None:
    kept = site.prepared()
    for other in (b"", b"{}", kept[:-40]):
        with pytest.raises(RecipeUnfit):
            site.procedure.open(other, site.job())
    of_branch(site)
    with pytest.raises(RecipeUnfit, match="publishes pre-releases"):
        site.procedure.open(kept, site.job())
    site.enver = replace(site.enver, built=replace(site.enver.built, distribution="@acme/x"))  # type: ignore[type-var]
    with pytest.raises(RecipeUnfit, match="@acme/x is to be published"):
        site.procedure.open(kept, site.job())


def test_a_version_that_is_consumed_is_proven_to_be_there(site: Site) -> None:
    _, text = site.run()
    consumed = wire(0, 1)._replace(registry=site.registry.url)
    proof = NpmProof()
    assert isinstance(proof.prove(ArtifactNeeded(NpmPackage, text, consumed, NOWHERE)), Proven)
    with pytest.raises(ArtifactMissing, match=r"@9\.9\.9, which is consumed as `.*`, is not in"):
        proof.prove(ArtifactNeeded(NpmPackage, f"{site.name}@9.9.9", consumed, NOWHERE))
    with pytest.raises(ArtifactMissing):
        proof.prove(ArtifactNeeded(NpmPackage, "@acme/never@1.0.0", consumed, NOWHERE))
    assert isinstance(proof.prove(ArtifactNeeded(NpmPackage, "@acme/never@1.0.0", wire(0, 1), NOWHERE)), Unknown)


def test_what_a_registry_has_no_more_is_named_and_published_again(site: Site) -> None:
    recipe = site.prepared()
    site.run(recipe)
    deployed = LastDeployed(site.enver, Target("111122223333", "eu-west-1"), recipe, {}, {})
    observer = PackageObserver(published)
    assert observer.observe(deployed, resources=False).deviations == ()
    site.registry.lose(site.name)
    (seen,) = observer.observe(deployed, resources=False).deviations
    assert (seen.unit, seen.what, seen.found) == (
        f"{site.name} 1.0.0",
        f"{site.name}-1.0.0.tgz",
        "is not there any more",
    )
    site.run(recipe)
    assert observer.observe(deployed, resources=False).deviations == ()
