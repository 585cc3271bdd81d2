"""Who people are that GitHub knows: by a number, and with no more than their comments may do."""

from __future__ import annotations

from typing import Any

import pytest

from odmd.bootstrap.github_settings import read_github
from odmd.control.scheduler.actor import ActorKind, Scope
from odmd.errors import SettingsInvalid

ADA: dict[str, Any] = {"id": 583231, "name": "ada@acme.example", "scope": "write", "teams": ["baristas"]}


def test_a_person_is_known_by_her_number_whatever_she_is_called() -> None:
    found = read_github({"people": [ADA, {**ADA, "id": 7, "name": "bea", "scope": "read"}]}, "pyproject.toml")
    ada = found.person(583231, "octocat")
    assert ada
    assert (ada.name, ada.kind, ada.scope, ada.teams) == (
        "ada@acme.example",
        ActorKind.PERSON,
        Scope.WRITE,
        ("baristas",),
    )
    assert ada.proof == "a comment of octocat (583231) at GitHub"
    assert found.person(583232, "octocat") is None
    assert found.contracts == ""


@pytest.mark.parametrize(
    "said",
    [
        {"people": {}},
        {"people": ["ada"]},
        {"people": [ADA, ADA]},
        {"people": [{**ADA, "id": "583231"}]},
        {"people": [{**ADA, "id": True}]},
        {"people": [{**ADA, "id": 0}]},
        {"people": [{**ADA, "name": ""}]},
        {"people": [{**ADA, "name": "a\x1b[2Jda"}]},
        {"people": [{**ADA, "scope": "admin"}]},
        {"people": [{**ADA, "scope": None}]},
        {"people": [{**ADA, "teams": "baristas"}]},
        {"people": [{**ADA, "teams": [7]}]},
        {"people": [{**ADA, "login": "octocat"}]},
        {},
    ],
)
def test_what_names_nobody_clearly_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        read_github(said, "pyproject.toml")
    assert "[tool.odmd.github]" in refused.value.fact
