"""`odmd diff --contracts`: two places, two revisions, or a revision and the working tree."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from support.workbench import CONTRACTS, Workbench

PACKAGE = """
[tool.odmd]
contracts = "acme_shop.wired:acme"
"""


class Contracts(Workbench):
    """Contracts in a git repository."""

    def do(self, *words: str) -> str:
        identity = ["-c", "user.name=tests", "-c", "user.email=tests@example.org"]
        done = self.run(["git", *identity, *words])
        assert done.returncode == 0, done.stderr
        return done.stdout

    def release(self, text: str, tag: str) -> None:
        self.write("contracts.py", text)
        self.do("add", "-A")
        self.do("commit", "-q", "-m", tag)
        self.do("tag", tag)

    def diff(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.odmd("diff", "--contracts", *words)


QUEUE = '    queue: Produces[Queue] = produced("what was read")'
NARROWER = CONTRACTS.replace(QUEUE, "    ...")


def typed(field: str) -> str:
    """The contracts with a type on the bus."""
    declared = f"from dataclasses import dataclass\n\n@dataclass\nclass Order:\n    {field}\n"
    return declared + CONTRACTS.replace("EventBus[str]", "EventBus[Order]")


@pytest.fixture
def shop(tmp_path: Path) -> Contracts:
    made = Contracts(tmp_path)
    made.do("init", "-q", "-b", "main")
    made.release(CONTRACTS, "v1")
    return made


def test_the_same_contracts_do_not_differ(shop: Contracts) -> None:
    done = shop.diff("v1", "main")
    assert done.returncode == 0
    assert "nothing changed" in done.stdout


def test_a_revision_is_held_against_the_working_tree(shop: Contracts) -> None:
    shop.write("contracts.py", NARROWER)
    done = shop.diff("HEAD")
    assert done.returncode == 0, done.stderr
    assert "removed" in done.stdout
    assert "- product reader@main/queue (Queue)" in done.stdout


def test_two_revisions_are_compared_whatever_the_working_tree_says(shop: Contracts) -> None:
    shop.release(NARROWER, "v2")
    shop.write("contracts.py", "this is no Python")
    assert "- product reader@main/queue" in shop.diff("v1", "v2").stdout
    assert "+ product reader@main/queue" in shop.diff("v2", "v1").stdout
    assert shop.do("status", "--porcelain").split() == ["M", "contracts.py"]


def test_two_places_are_compared(shop: Contracts) -> None:
    shop.write("later/contracts.py", NARROWER)
    done = shop.diff("contracts.py:acme", "later/contracts.py:acme", "--json")
    said = json.loads(done.stdout)
    assert said["counts"] == {"breaking": 0, "removed": 1, "value-only": 0, "additive": 0}
    (change,) = said["difference"]["changes"]
    assert (change["what"], change["subject"], change["how"]) == ("product", "reader/b..main/queue", "removed")


def test_packages_of_one_name_do_not_meet_and_need_no_installation(shop: Contracts) -> None:
    shop.write("pyproject.toml", PACKAGE)
    shop.write("src/acme_shop/__init__.py", '__version__ = "1.0"\n')
    shop.write("src/acme_shop/wired.py", CONTRACTS)
    shop.do("add", "-A")
    shop.do("commit", "-q", "-m", "a package")
    shop.write("src/acme_shop/__init__.py", '__version__ = "2.0"\n')
    shop.write("src/acme_shop/wired.py", NARROWER)
    done = shop.diff("main")
    assert "acme, main (acme_shop 1.0) → working tree (acme_shop 2.0): 1 removed" in done.stdout, done.stderr


def test_what_is_breaking_names_its_consumers_and_may_fail_a_pipeline(shop: Contracts) -> None:
    shop.release(typed("drink: str"), "typed")
    shop.write("contracts.py", typed("drink: int"))
    done = shop.diff("main", "--fail-on", "breaking")
    assert done.returncode == 1
    assert "breaking" in done.stdout.splitlines()[2]
    assert "~ product foundation@main/bus schema Order says something else" in done.stdout
    assert "drink is integer, not string" in done.stdout
    assert "consumed by reader@main, writer@main" in done.stdout


def configured(*fields: str) -> str:
    """The contracts with private settings of the reader."""
    declared = "\n".join(["@dataclass", "class Size:", *(f"    {field}" for field in fields)])
    start = f"from dataclasses import dataclass\nfrom odmd.model import Config, configured\n\n{declared}\n"
    setting = '    size: Config[Size] = configured("how large")'
    return start + CONTRACTS.replace(QUEUE, f"{QUEUE}\n{setting}")


def test_a_config_is_compared_by_its_fields(shop: Contracts) -> None:
    shop.release(configured("cups: int"), "sized")
    shop.write("contracts.py", configured("cups: int", "large: bool = False"))
    added = shop.diff("sized").stdout
    assert "additive" in added
    assert "~ enver reader@main config size Size says something else" in added
    assert "large is new" in added
    shop.write("contracts.py", configured("cups: str"))
    done = shop.diff("sized", "--fail-on", "breaking")
    assert done.returncode == 1
    assert "in what is configured so far, cups is integer, not string" in done.stdout


def test_another_plain_type_in_the_brackets_is_seen(shop: Contracts) -> None:
    shop.write("contracts.py", CONTRACTS.replace("EventBus[str]", "EventBus[int]"))
    done = shop.diff("v1")
    assert "~ product foundation@main/bus schema str → int" in done.stdout
    assert "it is integer, not string" in done.stdout


def test_what_is_not_that_bad_does_not_fail(shop: Contracts) -> None:
    shop.write("contracts.py", NARROWER)
    assert shop.diff("main", "--fail-on", "breaking").returncode == 0
    assert shop.diff("main", "--fail-on", "removed").returncode == 1


def test_markdown_is_fit_for_a_pull_request(shop: Contracts) -> None:
    shop.write("contracts.py", typed("drink: str"))
    said = shop.diff("main", "--format", "markdown").stdout
    assert said.startswith("### Contracts: acme, main → working tree\n")
    assert "| changed | product **foundation@main/bus** schema " in said
    assert "| reader@main, writer@main |" in said


def test_contracts_that_are_not_sound_are_compared_with_a_warning(shop: Contracts) -> None:
    shop.write(
        "contracts.py",
        CONTRACTS.replace("reader = Reader(on=main, at=dev, bus=foundation.bus)", "reader = Reader(on=main, at=dev)"),
    )
    done = shop.diff("main")
    assert done.returncode == 0
    assert "working tree is not sound: 1 mistake" in done.stderr
    assert "- wire reader@main.bus ← foundation@main/bus" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "has no revision nowhere"),
        (["--", "-x"], "has no revision -x"),
        (["missing.py:acme"], "there is no file"),
        (["nothing_of_the_kind:acme"], "No module named 'nothing_of_the_kind'"),
    ],
)
def test_what_cannot_be_found_is_said_with_a_next_step(shop: Contracts, words: list[str], said: str) -> None:
    done = shop.diff(*words)
    assert done.returncode == 1
    assert said in done.stderr
    assert "→" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_earlier_mistake_is_placed_in_its_file_at_its_revision(shop: Contracts) -> None:
    shop.release("def (", "bad")
    shop.write("contracts.py", CONTRACTS)
    done = shop.diff("bad")
    assert "contracts.py:1: ODMD001 at bad: syntax error" in done.stderr
    assert "odmd-contracts-" not in done.stderr


def test_contracts_outside_of_git_have_no_revisions(tmp_path: Path) -> None:
    done = Contracts(tmp_path).diff("main")
    assert done.returncode == 1
    assert "is in no git repository" in done.stderr


def test_without_contracts_envers_are_meant(shop: Contracts) -> None:
    done = shop.odmd("diff", "orders@main", "orders@prod")
    assert done.returncode == 1
    assert "there is no state in" in done.stderr
