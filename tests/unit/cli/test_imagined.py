"""What a push is, for `odmd simulate`: what is promoted follows its source."""

from __future__ import annotations

from support.recording import Desk
from support.workbench import CONTRACTS

PROMOTED = CONTRACTS.replace(
    "acme = Organisation(",
    'prod = Stage("prod", Account("prod", "444455556666"), "us-west-1")\n'
    "live = Foundation(on=Promoted(foundation, by=team), at=prod)\nacme = Organisation(",
).replace("envers=[foundation,", "envers=[foundation, live,")


def begins(desk: Desk, *words: str) -> dict[str, float]:
    data = desk.odmd("simulate", *words, "--takes", "1m", "--json").data
    return {run["enver"]: run["began"] for run in data["runs"] if run["enver"].startswith("foundation/")}


def test_a_push_of_a_build_reaches_what_is_promoted_only_when_it_is_let_in(desk: Desk) -> None:
    desk.declare(PROMOTED)
    for pushed in (["--push", "foundation"], ["--everything"]):
        assert begins(desk, *pushed) == {"foundation/b..main": 0.0}, "nobody approves"
        approved = begins(desk, *pushed, "--approver-takes", "10m")
        assert approved["foundation/s..prod"] >= 660


def test_a_push_of_what_is_promoted_is_refused_and_its_source_named(desk: Desk) -> None:
    desk.declare(PROMOTED)
    refused = desk.odmd("simulate", "--push", "foundation@prod").err
    assert "no push reaches foundation@prod: it is promoted from foundation@main" in refused
    assert "say --push foundation@main" in refused
