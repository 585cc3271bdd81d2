"""`odmd github workflows`, as it is typed; what it writes passes what others check workflows with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from odmd.errors import SettingsInvalid
from odmd.graph.nodes import ActionsNode, BuildNode
from odmd.providers.github.workflow_file import ACTION, MARK, action_of, file_of, workflow_of
from support.recording import Desk
from support.soak import examples
from support.worlds import HERE

SERVER = "https://odmd.acme.example"
CONTRACTS = '''
from odmd.model import *
from odmd.model.kinds import EventBus

team, dev = Team("platform"), Stage("dev", Account("dev", "111122223333"), "us-west-1")

class Orders(CdkEnver, build=Build("orders", Repo("acme/orders", team, ids=("1", "2")), runs_on=Actions())):
    bus: Produces[EventBus[str]] = produced("what happens", external=True)

class Tables(CdkEnver, build=Build("tables", Repo("acme/orders", team, ids=("1", "2")), folder="t", runs_on=Actions())):
    """Of the same repository."""

class Other(CdkEnver, build=Build("other", Repo("acme/other", team))):
    """Workers carry it out."""

envers = [one(on=Branch("main"), at=dev) for one in (Orders, Tables, Other)]
acme = Organisation("acme", central=dev.account, envers=envers)
'''


@pytest.fixture
def site(desk: Desk) -> Desk:
    (desk.root / "contracts.py").write_text(CONTRACTS)
    (desk.root / "pyproject.toml").write_text('[tool.odmd]\ncontracts = "contracts.py:acme"\n')
    return desk


def workflows(desk: Desk, *more: str) -> Any:
    return desk.odmd("github", "workflows", "--server", SERVER, *more)


def files(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


def test_each_build_on_actions_has_a_file_and_each_repository_one_of_its_own_steps(site: Desk) -> None:
    done = workflows(site, "--write", "out")
    assert done.code == 0, done.err
    made = files(site.root / "out")
    assert sorted(made) == [
        f"acme/orders/.github/{one}"
        for one in ("actions/odmd-setup/action.yml", "workflows/odmd-orders.yaml", "workflows/odmd-tables.yaml")
    ]
    assert workflows(site, "--check", "out").code == 0
    assert workflows(site, "--write", "out", "--json").out.strip() == "[]"
    assert files(site.root / "out") == made, "written again, the same"


def test_what_is_a_users_stays_and_what_is_not_as_wanted_is_said_and_mended(site: Desk) -> None:
    workflows(site, "--repo", "acme/orders", "--write", "checkout")
    root = site.root / "checkout"
    (root / ACTION).write_text("mine")
    (root / ".github/workflows/odmd-orders.yaml").write_text("changed by hand")
    (root / ".github/workflows/odmd-tables.yaml").unlink()
    (root / ".github/workflows/odmd-gone.yaml").write_text(f"{MARK} once")
    (root / ".github/workflows/odmd-mine.yaml").write_text("# of somebody else")
    done = workflows(site, "--repo", "acme/orders", "--check", "checkout", "--json")
    assert done.code == 1
    assert {Path(one["path"]).name: one["what"] for one in json.loads(done.out)} == {
        "odmd-orders.yaml": "differs",
        "odmd-tables.yaml": "missing",
        "odmd-gone.yaml": "belongs to no build",
    }
    assert (root / ".github/workflows/odmd-orders.yaml").read_text() == "changed by hand", "only said"
    assert workflows(site, "--repo", "acme/orders", "--write", "checkout").code == 0
    assert workflows(site, "--repo", "acme/orders", "--check", "checkout").code == 0
    assert (root / ACTION).read_text() == "mine"
    assert (root / ".github/workflows/odmd-mine.yaml").exists()


def test_wrong_words_are_said(site: Desk) -> None:
    assert workflows(site, "--write", "a", "--check", "b").code == 2
    for server in ("http://odmd.acme.example", "https://odmd/${{ github.token }}", 'https://x"\n', "odmd.example"):
        done = site.odmd("github", "workflows", "--server", server)
        assert done.code == 1, server
        assert SettingsInvalid.code in done.err
    (site.root / "out" / "acme").mkdir(parents=True)
    (site.root / "out" / "acme" / "orders").symlink_to(site.root.parent)
    done = workflows(site, "--write", "out")
    assert "leads out of" in done.err


def build(name: str, repo: str, runner: str) -> tuple[BuildNode, ActionsNode]:
    jobs = ActionsNode("main", runner)
    return BuildNode(name, "cdk", repo, ".", "team", (), HERE, repo_ids=("1", "2"), runs_on=jobs), jobs


NAMES = st.from_regex(r"[a-zA-Z0-9_-]{1,40}", fullmatch=True) | st.sampled_from(
    ["on", "yes", "null", "0o17", "1e3", "1_000", "-", "--", "---", "0x1F", "true", "12-12-2012", "NO", "_"]
)
REPOS = st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,30}/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,30}", fullmatch=True)
RUNNERS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,40}", fullmatch=True)


@settings(max_examples=examples(60))
@given(NAMES, REPOS, RUNNERS)
def test_every_legal_name_is_a_text_and_nothing_else(name: str, repo: str, runner: str) -> None:
    of, jobs = build(name, repo, runner)
    usual_build, usual_jobs = build("orders", "acme/orders", "ubuntu-24.04")
    text = workflow_of(of, jobs, SERVER, "")
    said, usual = yaml.safe_load(text), yaml.safe_load(workflow_of(usual_build, usual_jobs, SERVER, ""))
    assert said["name"] == f"odmd {name}"
    steps = said["jobs"]["prepare"]["steps"]
    assert steps[0]["with"]["path"] == repo
    assert {one["runs-on"] for one in said["jobs"].values()} == {runner}
    assert text.count("${{") == workflow_of(usual_build, usual_jobs, SERVER, "").count("${{")
    for made in (said, usual):
        made["name"] = ""
        made["jobs"]["prepare"]["steps"][0]["with"]["path"] = ""
        for one in made["jobs"].values():
            one["runs-on"] = ""
    assert said == usual, "nothing else depends on them"
    assert text == workflow_of(of, jobs, SERVER, "")


def test_rights_are_apart(tmp_path: Path) -> None:
    """Who runs the code of the repository may not say who it is; who may runs none of it, and has no checkout of it."""
    of, jobs = build("orders", "acme/orders", "ubuntu-24.04")
    made = yaml.safe_load(workflow_of(of, jobs, SERVER, "acme_contracts:acme"))
    assert made["permissions"] == {}
    rights = {name: one["permissions"] for name, one in made["jobs"].items()}
    tells_who = {"contents": "read", "id-token": "write"}
    assert rights == {"right": tells_who, "prepare": {"contents": "read"}, "deploy": tells_who}
    checkouts = {name for name, one in made["jobs"].items() if "checkout" in str(one["steps"])}
    assert checkouts == {"prepare"}
    assert "secrets." not in workflow_of(of, jobs, SERVER, "acme_contracts:acme")


def test_linters_of_others_find_nothing(tmp_path: Path) -> None:
    of, jobs = build("orders", "acme/orders", "ubuntu-24.04")
    files = {
        file_of(of): workflow_of(of, jobs, SERVER, "acme_contracts:acme"),
        ACTION: action_of("acme_contracts:acme"),
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / ".git").mkdir()
    schemas = ("check-jsonschema", "--builtin-schema")
    for words in (
        ("zizmor", "--offline", "--quiet", "."),
        ("actionlint", file_of(of)),
        (*schemas, "vendor.github-workflows", file_of(of)),
        (*schemas, "vendor.github-actions", ACTION),
    ):
        tool = Path(sys.executable).parent / words[0]
        done = subprocess.run(
            [tool, *words[1:]], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
