"""What clones are like while they sleep, contracts say by fields that their config has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from odmd.errors import ContractsNotLoaded
from odmd.graph import Graph, compile_contracts
from odmd.model import Branch, Build, CommandEnver, Config, Organisation, Repo, Team, configured
from support.worlds import ACCOUNT, DEV


@dataclass
class Scale:
    count: int = 3


def said(asleep: Any) -> Graph:
    class Job(CommandEnver, build=Build("job", Repo("acme/job", Team("t")))):
        commands = ("true",)
        scale: Config[Scale] = configured("how many", asleep=asleep)

    return compile_contracts(Organisation("acme", central=ACCOUNT, envers=[Job(on=Branch("main"), at=DEV)])).graph


@pytest.mark.parametrize(
    ("asleep", "why"),
    [({"counts": 0}, "Scale has no such field"), ({"count": {1}}, "no JSON"), ({"count": float("nan")}, "no JSON")],
)
def test_what_no_config_could_be_is_a_mistake(asleep: Any, why: str) -> None:
    with pytest.raises(ContractsNotLoaded, match=why):
        said(asleep)


def test_it_is_an_edition_of_the_contracts_and_deploys_nobody() -> None:
    before, after = said(None), said({"count": 0})
    assert before.digest() != after.digest()
    assert before.slice("job/b..main") == after.slice("job/b..main")
    assert after.envers["job/b..main"].configs[0].asleep == '{"count": 0}'
