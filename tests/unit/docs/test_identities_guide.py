"""The guide to identities says what is so."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from odmd.bootstrap.identities import known_identities
from odmd.bootstrap.identity_settings import read_identities
from odmd.cli.lazily import imported
from odmd.control.access.identities import IdentityType, let_in
from odmd.control.access.identities import ProvenIdentity as Somebody
from odmd.control.scheduler.actor import ActorKind, Scope
from odmd.server.browsers import COOKIE
from odmd.server.routes import sessions

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "identities.md").read_text()
SETTINGS = [
    tomllib.loads(text)["tool"]["odmd"]["identities"] for text in re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
]


def test_its_settings_are_read_and_tell_of_every_type(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    found = [one for said in SETTINGS for one in read_identities(said, tmp_path, "guide").values()]
    assert {one.type for one in found} == set(IdentityType)
    assert known_identities(read_identities(SETTINGS[1], tmp_path, "guide"))


def test_its_rules_let_in_whom_it_says() -> None:
    rules = read_identities(SETTINGS[0], Path(), "guide")["company"].rules

    def somebody(**facts: str) -> Somebody:
        known = {name: frozenset([said]) for name, said in facts.items()}
        return Somebody("1", "ada", ActorKind.PERSON, "said", known)

    assert let_in(somebody(groups="platform"), rules).scope is Scope.ADMIN
    found = let_in(somebody(groups="baristas", email="ada@acme.example"), rules)
    assert (found.scope, found.teams) == (Scope.WRITE, ("baristas",))


@pytest.mark.parametrize("line", re.findall(r"^(odmd .*?)(?:  +#.*)?$", GUIDE, re.MULTILINE))
def test_its_commands_are_there(line: str) -> None:
    _, name, *words = shlex.split(line)
    command = imported(name)
    if words and words[0] in (inner := getattr(command, "commands", {})):
        command = inner[words.pop(0)]
    command.make_context(name, words)


def test_its_routes_and_its_cookie_are_ours() -> None:
    told = re.findall(r"^(GET|POST|DELETE) +/api/v1(/\w+)", GUIDE, re.MULTILINE)
    there = [(method, route.path.partition("/{")[0]) for route in sessions.router.routes for method in route.methods]  # type: ignore[attr-defined]
    assert sorted(told) == sorted(there)
    assert f"`{COOKIE}`" in GUIDE
