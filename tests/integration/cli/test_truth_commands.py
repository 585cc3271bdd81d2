"""`odmd diff` of envers, `where`, `lag`, and the ages that `status` tells, as people type and read them."""

from __future__ import annotations

import re

import pytest

from odmd.cli.diff_envers import moment_or_run
from odmd.control.ports.log import Touched
from odmd.control.reading.heads import note_heads_read
from odmd.control.reading.objectives import keep_expected
from odmd.graph import compile_contracts, load_organisation
from odmd.store.sql import SqlStore
from support.recording import Desk
from support.workbench import CONTRACTS

FIRST, SECOND = "c0ffee1" + "0" * 33, "beef002" + "0" * 33
HELD = CONTRACTS.replace('"us-west-1")', '"us-west-1", objective=Lag(versions=0, age=timedelta(days=7)))').replace(
    "from odmd.model import *", "from datetime import timedelta\n\nfrom odmd.model import *"
)


@pytest.fixture
def behind(desk: Desk) -> Desk:
    """The bus is on its second version, and the reader failed to take it."""
    desk.declare(HELD)
    desk.push("foundation", "reader", commit=FIRST).finish(1, "one").finish(2)
    desk.push("foundation", commit=SECOND).finish(3, "two").fail(4)
    return desk.record()


class TestDiff:
    """Of one enver at two times, and of two."""

    def test_it_says_what_differs_and_what_could_not_be_compared(self, behind: Desk) -> None:
        done = behind.odmd("diff", "foundation@main", "--at", "1")
        assert done.code == 0, done.err
        assert "age (one of them is behind)" in done.out
        assert "source  c0ffee1 → beef002" in done.out
        assert "! the recipe of run 1 is not kept" in done.out
        assert behind.odmd("diff", "foundation@main", "--at", "1", "--exit-code").code == 1
        assert behind.odmd("diff", "foundation@main", "--at", "3", "--exit-code").code == 0

    def test_it_is_data_a_page_and_two_columns(self, behind: Desk) -> None:
        data = behind.odmd("diff", "foundation@main", "--at", "1", "--json").data
        assert [one["because"] for one in data["differences"]] == ["age"]
        done = behind.odmd("diff", "foundation@main", "--at", "1", "--side-by-side", "--html", "differs.html")
        assert re.search(r"^source +c0ffee1 +beef002", done.out, re.MULTILINE)
        assert "<td>beef002</td>" in (behind.root / "differs.html").read_text()

    @pytest.mark.parametrize(
        ("typed", "code", "said"),
        [
            (("foundation@main",), 1, "ODMD194 foundation@main is what it is"),
            (("foundation@main", "--at", "99"), 1, "ODMD193 foundation@main has no run 99"),
            (
                ("foundation@main", "--at", "1970-01-01T00:00:01+00:00"),
                1,
                "ODMD193 nothing that is kept ran of foundation@main at",
            ),
            (("foundation@main", "--at", "soon"), 2, "soon is neither how long ago"),
            (("foundation@main", "--at", "2999-01-01"), 1, "ODMD194 2999-01-01 00:00:00 UTC is not yet"),
            (("foundation@main", "mars@main"), 1, "ODMD101 mars@main was never deployed"),
            (("foundation@main", "reader@main", "--at", "1"), 1, "ODMD194 a run is one enver's"),
            (("foundation@main", "--fail-on", "breaking"), 2, "--fail-on and --format are for contracts"),
            (("a", "b", "--contracts", "--exit-code"), 2, "--exit-code is for envers"),
        ],
    )
    def test_what_makes_no_sense_says_so(self, behind: Desk, typed: tuple[str, ...], code: int, said: str) -> None:
        done = behind.odmd("diff", *typed)
        assert said in " ".join(done.err.split())
        assert done.code == code

    def test_moments(self) -> None:
        assert moment_or_run("12") == (None, 12)
        assert moment_or_run("2030-01-31T18:00:00+00:00") == (1896112800.0, None)


class TestWhere:
    """Of a commit by what is recorded, as there are no repositories here; and of a value."""

    def test_a_value_is_where_its_consumers_are(self, behind: Desk) -> None:
        done = behind.odmd("where", "foundation@main/bus")
        assert re.search(r"^reader@main +(dev)? +behind 1 +#1 ", done.out, re.MULTILINE), done.out
        assert behind.odmd("where", "foundation@main/bus#1", "--json").data["envers"][0]["whether"] == "runs it"

    def test_a_commit_of_nowhere_is_refused(self, behind: Desk) -> None:
        done = behind.odmd("where", "0123456")
        assert "ODMD195" in done.err
        assert done.code == 1


class TestLag:
    """Who is behind, against what the stage allows."""

    @staticmethod
    def in_force(desk: Desk) -> None:
        """The contracts came into force; their stage is that of the envers."""
        store = SqlStore(desk.state / "state.db")
        keep_expected(store, compile_contracts(load_organisation("contracts.py:acme", desk.root).organisation).graph)
        (reader,) = store.envers_of(["reader/b..main"])
        reader.stage = "dev"
        end = store.position()
        store.commit(end, [], [], Touched(envers=[reader]), ())
        store.close()

    def test_it_says_who_is_behind_and_what_mends_it(self, behind: Desk) -> None:
        self.in_force(behind)
        done = behind.odmd("lag")
        assert re.search(r"reader@main +bus +foundation@main/bus +1 .*at most 0 versions in dev", done.out), done.out
        assert "`odmd why reader@main` mends reader@main" in done.out
        assert behind.odmd("lag", "--exit-code").code == 1
        assert behind.odmd("lag", "foundation@main").out == "nothing is behind\n"
        assert behind.odmd("lag", "--stage", "prod", "--exit-code", "--json").data == []

    def test_what_no_plan_mends_is_named(self, behind: Desk) -> None:
        self.in_force(behind)
        done = behind.odmd("lag", "--propose")
        assert "`odmd why reader@main`: no plan decides this" in done.out
        assert behind.odmd("lag", "--propose", "--json").data["commands"] == ["odmd why reader@main"]
        assert behind.odmd("lag", "--propose", "--stage", "prod").out == "no objective is broken\n"

    def test_what_a_deployment_mends_is_a_plan(self, behind: Desk) -> None:
        self.in_force(behind)
        store = SqlStore(behind.state / "state.db")
        (reader,) = store.envers_of(["reader/b..main"])
        reader.failed = None
        store.commit(store.position(), [], [], Touched(envers=[reader]), ())
        store.close()
        behind.bench.services()
        done = behind.odmd("lag", "--propose", "--json").data
        steps = [step["enver"] for stage in done["plan"]["stages"] for step in stage["steps"]]
        assert "reader/b..main" in steps
        assert "writer/b..main" not in steps, "it breaks nothing"
        assert done["commands"] == []

    def test_status_says_so_too_with_its_age(self, behind: Desk) -> None:
        self.in_force(behind)
        done = behind.odmd("status")
        assert "! reader@main: bus is 1 version and " in done.out
        assert "(at most 0 versions in dev" in done.out
        assert re.search(r"foundation@main .* 3, seen \d+ days ago", done.out)
        (reader,) = [one for one in behind.odmd("status", "--json").data if one["enver"] == "reader/b..main"]
        assert [one["mend"] for one in reader["overdue"]] == ["odmd why reader@main"]

    def test_status_says_when_branches_were_last_read(self, behind: Desk) -> None:
        store = SqlStore(behind.state / "state.db")
        note_heads_read(store, ["foundation/b..main"], ["foundation/b..main", "reader/b..main"], 1.0)
        assert "branches and tags were last read" in behind.odmd("status").out
        assert re.search(r"last read \d+ days ago; `odmd plan` reads them", behind.odmd("status").out)
        note_heads_read(store, ["reader/b..main"], ["foundation/b..main", "reader/b..main"], 90_000.0)
        store.close()
        assert re.search(r"last read \d+ days to \d+ days ago, foundation@main first", behind.odmd("status").out)
