"""`[tool.odmd.actions]`: what stands there is taken as it is meant, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from odmd.bootstrap.actions_settings import ActionsSettings, read_actions
from odmd.bootstrap.identity_settings import read_identities
from odmd.errors import SettingsInvalid

JOBS = {"jobs": {"type": "github-actions", "audience": "odmd.acme.example"}}
SERVER = "https://odmd.acme.example"


def read(**said: object) -> ActionsSettings:
    return read_actions({"identity": "jobs", **said}, read_identities(JOBS, Path(), "file"), "file")


def test_workflows_are_brought_only_where_it_is_said_how_and_for_which_server() -> None:
    assert read() == ActionsSettings("jobs")
    assert read(server=SERVER, workflows="propose") == ActionsSettings("jobs", server=SERVER, workflows="propose")


@pytest.mark.parametrize(
    "said",
    [
        {"workflows": "propose"},
        {"workflows": "push", "server": SERVER},
        {"workflows": ["propose"], "server": SERVER},
        {"server": 1},
        {"servers": SERVER},
        {"claimed-within": 1},
        {"identity": "nobody"},
    ],
)
def test_what_is_not_meant_so_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(SettingsInvalid):
        read(**said)
