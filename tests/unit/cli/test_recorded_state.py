"""What the commands that read say of a recorded state."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from odmd.bootstrap.checkup import _left
from odmd.bootstrap.settings import read_settings
from odmd.control.ports.subscribers import Begin
from odmd.control.scheduler.messages import FinishRemoval, Head, Loss, PauseScope, StartChange
from odmd.graph import compile_contracts, load_organisation
from odmd.store.sql import SqlStore
from odmd.store.subscriptions import SqlSubscriptions
from support.actors import somebody
from support.recording import Desk
from support.workbench import CONTRACTS

ALONE = """
class Alone(CdkEnver, build=Build("alone", Repo("acme/alone", team))):
    pass

acme = Organisation("acme", central=dev.account, envers=[foundation, Alone(on=main, at=dev)])
"""
READS = (["status"], ["values"], ["runs"], ["why", "foundation@main"])


def states(desk: Desk) -> dict[str, str]:
    return {one["enver"].partition("/")[0]: one["state"] for one in desk.odmd("status", "--json").data}


class TestInterrupted:
    def test_a_run_that_nobody_works_on_was_interrupted(self, desk: Desk) -> None:
        desk.push("foundation").record()
        assert states(desk)["foundation"] == "interrupted"
        assert desk.odmd("runs", "--json").data[0]["status"] == "interrupted"
        assert "    → `odmd apply` goes on with what was interrupted" in desk.odmd("status").out
        said = desk.odmd("why", "foundation@main").out
        assert "run 1 was interrupted, and nobody works on it\n    → `odmd apply` goes on with it\n" in said
        assert "(full, interrupted)" in said

    def test_a_run_that_somebody_works_on_is_deploying(self, desk: Desk) -> None:
        desk.push("foundation").record()
        with desk.led():
            assert states(desk)["foundation"] == "deploying"
            assert desk.odmd("runs", "--json").data[0]["status"] == "started"
            assert "→" not in desk.odmd("status").out.partition("waiting")[0]
            assert desk.texts("foundation@main")[:2] == [
                "foundation@main: run 1 is deploying it",
                "0 of 3 steps are done, the next is prepare",
            ]

    def test_one_run_is_shown_with_its_steps(self, desk: Desk) -> None:
        desk.push("foundation").record()
        assert desk.odmd("runs", "1").out.splitlines()[-3:] == [
            "  · prepare",
            "  · deliver",
            "  · bring about its stacks",
        ]
        assert desk.odmd("runs", "1", "--json").data["steps"][0] == {"step": "prepare", "seconds": None, "done": False}
        unknown = desk.odmd("runs", "2")
        assert (unknown.code, unknown.err.splitlines()[0]) == (1, "ODMD101 there is no run 2")

    def test_asking_makes_no_lock_and_keeps_none(self, desk: Desk) -> None:
        desk.push("foundation").record()
        desk.odmd("status")
        assert not (desk.state / "leader.lock").exists()
        with desk.led():
            desk.odmd("status")
        with desk.led():
            pass

    def test_who_waits_for_an_interrupted_run_is_told_so(self, desk: Desk) -> None:
        desk.push("foundation", "writer").record()
        said = desk.texts("writer@main")
        assert "foundation@main: run 1 was interrupted, and nobody works on it" in said


def test_who_follows_the_log_and_does_not_get_on_is_named(desk: Desk) -> None:
    desk.push("foundation").finish(1, "one").record()
    assert "!" not in desk.odmd("status").out
    store = SqlStore(desk.state / "state.db")
    kept = SqlSubscriptions(store.database)
    kept.subscribe("traces", Begin.OLDEST, 1.0)
    kept.failed("traces", "ConnectionError: nobody is there", time.time())
    events = store.position()
    store.close()
    assert f"! traces is {events} events behind: ConnectionError: nobody is there\n" in desk.odmd("status").out


def test_what_runs_is_called_deployed_and_nothing_is_said_of_heads(desk: Desk) -> None:
    desk.push("foundation").finish(1, "one").record()
    assert states(desk)["foundation"] == "deployed"
    assert "up to date" not in desk.odmd("status").out


class TestWaiting:
    def test_it_says_for_whom(self, desk: Desk) -> None:
        desk.push("foundation", "reader", "writer").record()
        with desk.led():
            (waits, stuck) = desk.texts("writer@main")
        assert "bus: foundation@main/bus was never published; waits for foundation@main" in waits
        assert "in wave 1 (a commit)" in waits
        assert stuck == "foundation@main: run 1 is deploying it"

    def test_it_says_which_run_failed_far_upstream_in_a_line(self, desk: Desk) -> None:
        desk.push("foundation", "reader", "writer").finish(1, "one").fail(2).record()
        (waits, stuck, *_) = desk.odmd("why", "writer@main", "--json").data
        assert waits["text"] == "writer@main: waits for reader@main, in wave 1 (a commit)"
        assert stuck["depth"] == 1
        assert stuck["text"] == "reader@main: run 2 failed: ODMD204 no beans"
        assert "odmd apply" in stuck["next_step"]
        assert "\n      → mend the cause" in desk.odmd("why", "writer@main").out

    def test_without_contracts_it_says_what_happened_in_its_wave(self, desk: Desk) -> None:
        desk.push("foundation", "reader", "writer").finish(1, "one").fail(2).record()
        (desk.root / "contracts.py").unlink()
        (waits, stuck) = desk.texts("writer@main")
        assert waits == "writer@main: waits for what is upstream of it, in wave 1 (a commit)"
        assert stuck == "reader@main: run 2 failed: ODMD204 no beans"

    def test_for_another_change_that_is_under_way(self, desk: Desk) -> None:
        desk.push("foundation", "reader", "writer").finish(1, "one").finish(2).finish(3)
        desk.push("reader", commit="2").push("writer", commit="2").record()
        (waits, stuck, *_) = desk.texts("writer@main")
        assert waits == "writer@main: waits for reader@main, in wave 3 (a commit)"
        assert stuck == "reader@main: run 4 was interrupted, and nobody works on it"

    def test_with_nothing_in_its_way_it_says_what_starts_it(self, desk: Desk) -> None:
        desk.declare(f"{CONTRACTS.rpartition('reader =')[0]}\n{ALONE}")
        desk.world.at_once(1)
        desk.push("alone", "foundation").record()
        with desk.led():
            assert desk.texts("foundation@main") == [
                "foundation@main: waits for a free place: as many runs as may be are under way, in wave 1 (a commit)"
            ]
        (waits,) = desk.odmd("why", "foundation@main", "--json").data
        assert "nothing is in its way and nobody works on it" in waits["text"]
        assert waits["next_step"] == "`odmd apply` goes on with it"


def test_a_run_that_stopped_to_ask_is_answered_and_not_mended(desk: Desk) -> None:
    asked = "ODMD208 Rows would be removed\n`odmd approve foundation@main data` lets it happen"
    desk.push("foundation", "reader").fail(1, asked, Loss("Rows would be removed", "sha256:1")).record()
    for enver in ("foundation@main", "reader@main"):
        said = desk.odmd("why", enver).out
        assert "mend the cause" not in said
        assert "→ `odmd approve foundation@main data` lets it happen, `odmd reject foundation@main data` does" in said
        assert "lets it in" not in said


def test_a_removal_that_asks_is_answered_and_not_mended(desk: Desk) -> None:
    reader, world = "reader/b..main", desk.push("reader", "foundation").finish(1, "one").finish(2).world
    left, _, listed = CONTRACTS.rpartition("envers=[")
    desk.bench.write("contracts.py", left + "envers=[" + listed.replace("reader, ", "").replace(", writer", ""))
    world.use(compile_contracts(load_organisation("contracts.py:acme", desk.root).organisation).graph)
    world.send(StartChange("it left", somebody("ada"), "", (), remove=(reader,)))
    world.due.clear()
    departure = world.state.envers[reader].departure
    assert departure is not None
    asks = Loss("Rows would go with it", "sha256:1")
    world.send(FinishRemoval(reader, asks.what, asks, departure.began))
    desk.record()
    for said in (desk.odmd("why", "reader@main").out, _left(read_settings()).next_step):
        assert "`odmd approve reader@main data` lets it happen" in said
        assert "mend the cause" not in said


def test_what_can_only_be_let_go_of_asks_and_did_not_fail(desk: Desk) -> None:
    reader, world = "reader/b..main", desk.push("reader", "foundation").finish(1, "one").finish(2).world
    left, _, listed = CONTRACTS.rpartition("envers=[")
    desk.bench.write("contracts.py", left + "envers=[" + listed.replace("reader, ", "").replace(", writer", ""))
    world.use(compile_contracts(load_organisation("contracts.py:acme", desk.root).organisation).graph)
    world.send(StartChange("it left", somebody("ada"), "", (), remove=(reader,)))
    world.due.clear()
    departure = world.state.envers[reader].departure
    assert departure is not None
    lost = Loss("nobody can look there", "sha256:1")
    world.send(FinishRemoval(reader, "no such account", None, departure.began, lost))
    desk.record()
    (found,) = [one for one in desk.odmd("status", "--json").data if one["enver"] == reader]
    assert (found["state"], [one["input"] for one in found["asks"]]) == ("asks", ["lost"])
    for said in (desk.odmd("why", "reader@main").out, _left(read_settings()).next_step):
        assert "`odmd approve reader@main lost` lets go of it" in said


def test_a_failure_is_told_whole_with_what_to_do(desk: Desk) -> None:
    desk.push("foundation").fail(1).record()
    said = desk.odmd("why", "foundation@main").out
    assert "foundation@main: run 1 failed: ODMD204 no beans\n  │ look into run.log\n    → mend the cause" in said
    assert "    → `odmd why foundation@main` says why it failed" in desk.odmd("status").out


class TestNoState:
    @pytest.mark.parametrize("words", READS, ids=lambda words: words[0])
    @pytest.mark.parametrize("folder", ["not-there", "empty", "not/there/at/all"])
    def test_a_folder_without_state_is_refused(self, desk: Desk, words: list[str], folder: str) -> None:
        (desk.root / "empty").mkdir()
        done = desk.odmd(*words, "--state", folder)
        assert done.code == 1
        assert done.err.startswith("ODMD107 ")
        assert "\n    → " in done.err
        assert not (desk.root / folder / "state.db").exists()
        machine = desk.odmd(*words, "--state", folder, "--json")
        assert (machine.code, machine.data["diagnostics"][0]["code"]) == (1, "ODMD107")

    @pytest.mark.parametrize("words", READS, ids=lambda words: words[0])
    @pytest.mark.parametrize("path", ["a-file", "a-file/below", "/dev/null/x", "x" * 300, "folder-as-database", "text"])
    def test_what_cannot_be_a_state_is_unreadable(self, desk: Desk, words: list[str], path: str) -> None:
        (desk.root / "a-file").write_text("hello")
        (desk.root / "folder-as-database" / "state.db").mkdir(parents=True)
        (desk.root / "text").mkdir()
        (desk.root / "text" / "state.db").write_text("this is no database\n" * 100)
        done = desk.odmd(*words, "--state", path)
        assert done.code == 1
        assert done.err.startswith("ODMD105 "), done.err
        assert "\n    → " in done.err
        machine = desk.odmd(*words, "--state", path, "--json")
        assert (machine.code, machine.data["diagnostics"][0]["code"]) == (1, "ODMD105")

    def test_a_state_in_which_nothing_happened_is_empty(self, desk: Desk) -> None:
        desk.record()
        assert "nothing is deployed yet\n    → `odmd plan`" in desk.odmd("status").out
        assert "nothing is deployed yet\n    → `odmd plan`" in desk.odmd("runs").out
        assert "nothing is published yet" in desk.odmd("values").out
        assert [desk.odmd(word, "--json").data for word in ("status", "runs", "values")] == [[], [], []]


class TestNames:
    @pytest.mark.parametrize("command", ["why", "runs", "values"])
    @pytest.mark.parametrize(
        ("typed", "suggested"),
        [
            ("nonsense", "there are "),
            ("foundation@other", "did you mean foundation@main"),
            ("fundation@main", "did you mean foundation@main"),
            ("Raeder", "did you mean reader@main?"),
        ],
    )
    def test_an_unknown_one_is_refused_with_a_suggestion(
        self, desk: Desk, command: str, typed: str, suggested: str
    ) -> None:
        desk.push("foundation", "reader").finish(1, "one").record()
        done = desk.odmd(command, typed)
        assert done.code == 1
        assert done.err.startswith("ODMD101 ")
        assert f"\n    → {suggested}" in done.err
        machine = desk.odmd(command, typed, "--json")
        assert (machine.code, machine.data["diagnostics"][0]["code"]) == (1, "ODMD101")

    @pytest.mark.parametrize("command", ["why", "runs"])
    def test_a_build_alone_suggests_its_envers(self, desk: Desk, command: str) -> None:
        desk.push("foundation").record()
        assert "→ did you mean foundation@main?" in desk.odmd(command, "foundation").err

    @pytest.mark.parametrize("typed", ["foundation@main", "foundation/b..main", "foundation@main/bus", "foundation"])
    def test_values_of_an_enver_a_product_or_a_build(self, desk: Desk, typed: str) -> None:
        desk.push("foundation").finish(1, "one").record()
        assert [one["value"]["text"] for one in desk.odmd("values", typed, "--json").data] == ["one"]

    def test_a_product_alone_suggests_all_of_it(self, desk: Desk) -> None:
        desk.push("foundation").finish(1, "one").record()
        assert "→ did you mean foundation@main/bus?" in desk.odmd("values", "bus").err

    def test_a_known_enver_without_runs_or_values_is_no_mistake(self, desk: Desk) -> None:
        desk.push("foundation").record()
        assert desk.odmd("runs", "writer@main", "--json").data == []
        assert desk.odmd("values", "writer@main", "--json").data == []
        assert "writer@main was not run yet\n    → `odmd why writer@main`" in desk.odmd("runs", "writer@main").out
        assert "writer@main has published nothing yet" in desk.odmd("values", "writer@main").out


class TestCompletion:
    def complete(self, desk: Desk, *words: str) -> list[str]:
        for name, text in {
            "_ODMD_COMPLETE": "complete_zsh",
            "_TYPER_COMPLETE_ARGS": " ".join(("odmd", *words)),
        }.items():
            desk.monkeypatch.setenv(name, text)
        done = desk.odmd()
        assert done.err == ""
        return [part for part in done.out.split('"') if "@" in part]

    @pytest.mark.parametrize("command", ["why", "runs", "values"])
    def test_recorded_envers(self, desk: Desk, command: str) -> None:
        desk.push("foundation").record()
        assert self.complete(desk, command, "fo") == ["foundation@main"]

    def test_products(self, desk: Desk) -> None:
        desk.push("foundation").finish(1, "one").record()
        assert self.complete(desk, "values", "fo") == ["foundation@main", "foundation@main/bus"]

    def test_of_the_state_that_the_line_names(self, desk: Desk, tmp_path: Path) -> None:
        desk.push("foundation").record()
        desk.state.rename(tmp_path / "elsewhere")
        assert self.complete(desk, "why", "--state", "elsewhere", "fo") == ["foundation@main"]

    def test_silent_without_a_state(self, desk: Desk) -> None:
        assert self.complete(desk, "why", "fo") == []
        assert not desk.state.exists()

    def test_silent_with_a_state_that_is_none(self, desk: Desk) -> None:
        desk.state.write_text("hello")
        assert self.complete(desk, "why", "fo") == []


class TestRollback:
    def test_the_last_run_whose_values_live_is_offered_and_not_one_whose_values_are_gone(self, desk: Desk) -> None:
        desk.push("foundation", "reader", "writer").finish(1, "one").finish(2).finish(3)
        desk.world.send(PauseScope("writer/b..main", somebody("ada"), "runs with the first bus"))
        desk.push("foundation", commit="c2").finish(4, "two").finish(5)
        desk.push("foundation", commit="c3").finish(6, "three").finish(7)
        desk.retire("foundation/b..main/bus", 2).record()
        assert "Roll reader@main back to run 2" in desk.odmd("rollback", "reader@main").out
        refused = desk.odmd("rollback", "reader@main", "--to", "5").err
        assert "run 5 of reader@main ran with what was retired since: bus (foundation@main/bus #2)" in refused
        assert "possible with --to: run 7 (what runs now), run 2\n" in refused

    def test_what_runs_is_named_where_nothing_else_is_possible(self, desk: Desk) -> None:
        desk.push("foundation").finish(1, "one").record()
        refused = desk.odmd("rollback", "foundation@main").err
        assert "no earlier run of foundation@main deployed anything else" in refused
        assert "possible with --to: run 1 (what runs now)" in refused


def test_why_names_no_plan_where_there_was_none(desk: Desk) -> None:
    heads = (Head("foundation/b..main", "c0ffee", "contracts"),)
    desk.world.send(StartChange("a push", somebody("ada"), "", heads))
    desk.finish(1, "one").record()
    assert "wave 1: a push, by ada\n" in desk.odmd("why", "foundation@main").out


def test_a_product_that_lacks_is_called_as_people_type_it(desk: Desk) -> None:
    desk.push("writer").record()
    assert "bus: foundation@main/bus was never published" in desk.odmd("why", "writer@main").out


IN_STAGES = (
    CONTRACTS.partition("foundation = ")[0]
    + """
stages = {name: Stage(name, dev.account, dev.region) for name in ("test", "prod", "audit")}
stages = {"test": stages["test"], "dev": dev, **stages}
at = [Foundation(on=Branch("main"), at=stages["dev"])]
at += [Foundation(on=Branch(name), at=stages[name]) for name in ("prod", "audit", "test")]
acme = Organisation("acme", central=dev.account, stages=list(stages.values()), envers=at)
"""
)


def test_stages_come_in_their_declared_order(desk: Desk) -> None:
    desk.declare(IN_STAGES)
    heads = tuple(
        Head(f"foundation/b..{name}", "c0ffee1234", "contracts") for name in ("prod", "audit", "test", "main")
    )
    desk.world.send(StartChange("a commit", somebody("ada"), "sha256:0123456789", heads))
    desk.record()
    shown = re.findall(r"foundation@(\w+)", desk.odmd("status").out)[:4]
    assert shown == ["test", "main", "prod", "audit"]
    assert [one["stage"] for one in desk.odmd("status", "--json").data] == ["test", "dev", "prod", "audit"]
