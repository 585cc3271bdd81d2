"""ODMD150: checks that nobody could make, or that prove nothing, are found before anything is deployed."""

from __future__ import annotations

from pathlib import Path

import pytest

from odmd.errors import ContractsNotLoaded, ContractsUnsound
from odmd.graph import Graph, compile_contracts, load_organisation
from odmd.graph.verified import Verification
from odmd.model import SuiteCheck

CONTRACTS = """
from odmd.model import *
from odmd.model.kinds import Text

team, dev = Team("platform"), Stage("dev", Account("dev", "111122223333"), "us-west-1")

class Menu(CommandEnver, build=Build("menu", Repo("acme/menu", team))):
    items: Produces[Text] = produced("what there is", external=True)
    commands = ("true",)

menu = Menu(on=Branch("main"), at=dev{})
acme = Organisation("acme", central=dev.account, envers=[menu])
"""


def compiled(folder: Path, said: str) -> Graph:
    (folder / "contracts.py").write_text(CONTRACTS.format(said))
    loaded = load_organisation("contracts.py:acme", folder)
    return compile_contracts(loaded.organisation, loaded.declared).graph


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ('SuiteCheck("")', "cannot be called ''"),
        ('SuiteCheck(" ", name="a")', "runs nothing"),
        ('SuiteCheck("-p evil")', "runs nothing"),
        ('SuiteCheck("tests", minutes=0)', "cannot have 0 minutes"),
        ('SuiteCheck("tests", retries=99)', "cannot have 99 retries"),
        ('CommandCheck("a\\nb")', "cannot be called"),
        ('CommandCheck("a"), SuiteCheck("b", name="a")', "two of its checks are called 'a'"),
        ('HttpCheck("itmes")', "neither a product nor an input nor an address"),
        ('HttpCheck("file:///etc/passwd")', "neither a product nor an input nor an address"),
        ('HttpCheck("items", path="health")', "has path 'health'"),
        ('HttpCheck("items", status=20)', "waits for status 20"),
        ('HttpCheck("items", seconds=1, latency=2)', "has no time to be answered in"),
        ("AlarmCheck(())", "names no alarm"),
        ('CommandCheck("a", network=True, may=("sqs:SendMessage",))', "a build of type command has no roles"),
    ],
)
def test_checks_that_prove_nothing_are_refused(tmp_path: Path, checks: str, said: str) -> None:
    with pytest.raises(ContractsUnsound) as refused:
        compiled(tmp_path, f", verified_by=({checks},)")
    (found,) = refused.value.diagnostics()
    assert found.code == "ODMD150"
    assert said in found.fact


@pytest.mark.parametrize("action", ["dynamodb", "*", "dynamodb:*:x", "iam:CreateUser", "sts:AssumeRole"])
def test_a_check_gets_no_rights_over_people_or_everything(tmp_path: Path, action: str) -> None:
    with pytest.raises(ContractsUnsound) as refused:
        compiled(tmp_path, f", verified_by=(SuiteCheck('a', network=True, may=('{action}',)),)")
    assert f"check 'a' cannot have '{action}'" in refused.value.diagnostics()[0].fact


def test_rights_without_a_way_to_aws_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ContractsUnsound) as refused:
        compiled(tmp_path, ", verified_by=(SuiteCheck('a', may=('sqs:SendMessage',)),)")
    assert "does not reach it" in refused.value.diagnostics()[0].fact


def test_who_says_no_rights_has_the_digest_of_older_releases() -> None:
    before = Verification(suites=(SuiteCheck("tests"),), order=("tests",)).in_slice()
    assert before == (("verified by", [("SuiteCheck", "tests", "", 10, 0, False)], False, 0),)
    given = Verification(suites=(SuiteCheck("tests", may=("sqs:SendMessage",)),), order=("tests",)).in_slice()
    assert given != before


AS_A_FIELD = CONTRACTS.replace('("true",)', '("true",)\n    verified_by = {}').replace("at=dev{}", "at=dev")


def test_one_check_is_meant_where_the_comma_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "contracts.py").write_text(AS_A_FIELD.format('(SuiteCheck("tests"))'))
    loaded = load_organisation("contracts.py:acme", tmp_path)
    graph = compile_contracts(loaded.organisation, loaded.declared).graph
    assert graph.envers["menu/b..main"].verification.order == ("tests",)


@pytest.mark.parametrize("said", ['"tests"', '("tests",)', "7", 'SuiteCheck("tests"), None'])
def test_what_is_no_check_is_refused_at_its_line(tmp_path: Path, said: str) -> None:
    (tmp_path / "contracts.py").write_text(AS_A_FIELD.format(said))
    loaded = load_organisation("contracts.py:acme", tmp_path)
    with pytest.raises(ContractsNotLoaded, match="menu@main takes checks as verified_by, not") as refused:
        compile_contracts(loaded.organisation, loaded.declared)
    assert refused.value.place is not None


def test_they_keep_their_order_and_count_for_the_digest(tmp_path: Path) -> None:
    plain = compiled(tmp_path, "").envers["menu/b..main"]
    assert plain.slice() == compiled(tmp_path, ', on_red="roll back"').envers["menu/b..main"].slice()
    checks = 'HttpCheck("items"), SuiteCheck("tests"), CommandCheck("./smoke")'
    said = compiled(tmp_path, f", verified_by=({checks})").envers["menu/b..main"]
    assert said.verification.order == ("items", "tests", "./smoke")
    assert [said.verification.check(one).label for one in said.verification.order] == list(said.verification.order)
    assert said.slice() != plain.slice()


def test_it_bakes_for_a_month_at_most(tmp_path: Path) -> None:
    with pytest.raises(ContractsUnsound) as refused:
        compiled(tmp_path, ', verified_by=(SuiteCheck("tests"),), bake_minutes=-1')
    assert "cannot bake for -1 minutes" in refused.value.diagnostics()[0].fact
