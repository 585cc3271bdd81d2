"""What is installed with an extra."""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]


def extras_with(name: str) -> set[str]:
    """An extra, and those that it brings."""
    wanted = [Requirement(one) for one in PROJECT["optional-dependencies"][name]]
    own = [extra for one in wanted if one.name == PROJECT["name"] for extra in one.extras]
    return {name}.union(*(extras_with(extra) for extra in own))


def test_the_demo_can_play_all_its_acts_without_what_developers_have() -> None:
    """It deploys with the CDK, and serves a control plane that people sign in at."""
    assert extras_with("demo") >= {"apply", "cdk", "server", "client"}
