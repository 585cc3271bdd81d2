"""What surrounds a deployment goes wrong: it is told, and the deployment is not the worse for it."""

from __future__ import annotations

import json

import pytest

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.workbench import APP, READER, Workbench, bus, without


def kill_when(bench: Workbench, words: str) -> None:
    process = bench.start("apply", "--yes")
    assert process.stdout
    while words not in process.stdout.readline():
        assert process.poll() is None
    process.kill()
    process.communicate()


def test_values_with_brackets_are_shown_as_they_are(bench: Workbench) -> None:
    contracts = (bench.root / "contracts.py").read_text()
    bench.write("contracts.py", contracts.replace('pattern = r"https?://.+"', 'pattern = r".+"'))
    bench.commit("reader", {"": {**READER, "Outputs": {"OdmdOutQueue": {"Value": "[/x] :bus: [red]"}}}})
    assert bench.apply().returncode == 0
    assert "[/x] :bus: [red]" in bench.odmd("values").stdout


def test_a_terminal_without_arrows(bench: Workbench) -> None:
    assert bench.odmd("apply", "--yes", PYTHONIOENCODING="latin-1").returncode == 0


def test_nobody_reads_on_while_it_deploys(bench: Workbench) -> None:
    process = bench.start("apply", "--yes")
    assert process.stdout
    while ": checkout" not in process.stdout.readline():
        assert process.poll() is None
    process.stdout.close()
    process.wait(60)
    assert {enver["state"] for enver in bench.data("status")} == {"deployed"}


@pytest.mark.parametrize("digest", ["", "sha256:", "12345", "latest"])
def test_a_digest_that_is_none_is_wrong_usage(bench: Workbench, digest: str) -> None:
    assert bench.odmd("apply", digest).returncode == 2
    assert not (bench.root / ".odmd" / "state.db").exists()


def test_a_kind_that_raises(bench: Workbench) -> None:
    contracts = (bench.root / "contracts.py").read_text()
    broken = 'pattern = ""\n    @classmethod\n    def parse(cls, text):\n        raise ZeroDivisionError("oh")'
    bench.write("contracts.py", contracts.replace('pattern = r"https?://.+"', broken))
    done = bench.apply()
    assert done.returncode == 1
    assert "ODMD206 reader@main publishes `queue`" in done.stdout
    assert "ZeroDivisionError" in done.stdout


def test_the_contract_changes_while_a_run_is_interrupted(bench: Workbench, emulator: Emulator, target: Target) -> None:
    assert bench.apply().returncode == 0
    bench.commit("reader", {"": READER}, app=APP + "\n# newer")
    kill_when(bench, ": synth")
    contracts = (bench.root / "contracts.py").read_text()
    bench.write("contracts.py", contracts.replace('Team("platform")', 'Team("kitchen")'))
    assert bench.apply().returncode == 0
    stack = emulator.sessions().cloudformation(target).describe_stacks(StackName="reader--main")["Stacks"][0]
    assert {tag.get("Key"): tag.get("Value") for tag in stack.get("Tags", ())}["odmd:team"] == "kitchen"
    assert "nothing to do" in bench.apply().stdout


def test_the_state_cannot_be_written_at_the_last_moment(bench: Workbench) -> None:
    trouble = """
        import odmd.store.sql as sql
        from odmd.control.scheduler.events import RunSucceeded
        before = sql.SqlStore.commit
        def commit(self, expected, handled, events, *more):
            if any(isinstance(logged.event, RunSucceeded) for logged in events):
                raise OSError("disk full")
            return before(self, expected, handled, events, *more)
        sql.SqlStore.commit = commit
        """
    done = bench.troubled(trouble, "apply", "--yes")
    assert done.returncode != 0
    assert "disk full" in done.stderr
    assert bench.data("values") == []
    assert bench.apply().returncode == 0, "and it goes on"


def test_a_mirror_that_refuses_is_told_and_made_good_later(
    bench: Workbench, emulator: Emulator, target: Target
) -> None:
    trouble = """
        import odmd.control.leading.control_plane as control_plane
        import odmd.providers.aws.mirror as mirror
        from odmd.errors import CloudUnreachable
        control_plane._MIRROR_PATIENCE_SECONDS = 0.5
        def put(self, *_):
            raise CloudUnreachable("throttled")
        mirror.AwsMirror.put = put
        """
    done = bench.troubled(trouble, "apply", "--yes")
    assert done.returncode == 0
    assert "2 values not in the parameter store yet" in done.stdout
    bench.commit("foundation", {"": bus("two")})  # a change takes long enough for what was left over
    assert bench.apply().returncode == 0
    mirrored = emulator.sessions().ssm(target).get_parameter(Name="/odmd-share/foundation/b..main/bus")
    assert mirrored["Parameter"].get("Value") == "two"


def test_json_says_everything_and_nothing_else(bench: Workbench) -> None:
    done = bench.odmd("apply", "--yes", "--json")
    assert done.returncode == 0
    assert [run["outcome"] for run in json.loads(done.stdout)["runs"]] == ["deployed"] * 3


def test_an_enver_that_failed_and_left_the_contracts_is_no_failure_any_more(bench: Workbench) -> None:
    bench.commit("writer", app="raise SystemExit('boom')")
    assert bench.apply().returncode == 1
    contracts = (bench.root / "contracts.py").read_text()
    bench.write("contracts.py", without(contracts, "writer"))
    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "writer@main is removed" in done.stdout


def test_who_waits_is_told_for_what(bench: Workbench) -> None:
    bench.commit("reader", app="raise SystemExit('boom')")
    done = bench.apply()
    assert done.returncode == 1
    assert "writer@main: waits for reader@main" in done.stdout


def test_from_a_folder_below_the_settings(bench: Workbench) -> None:
    (bench.root / "below").mkdir()
    bench.root, above = bench.root / "below", bench.root
    assert bench.odmd("plan", ODMD_CONTRACTS="../contracts.py:acme").returncode == 0
    assert bench.odmd("check").returncode == 0
    bench.root = above


def test_a_report_that_breaks_ends_the_command_and_loses_nothing(bench: Workbench) -> None:
    trouble = """
        import odmd.control.leading.desk as desk
        def finish(self, outcome):
            raise MemoryError("no room")
        desk.StoreDesk.finish = finish
        """
    done = bench.troubled(trouble, "apply", "--yes")
    assert done.returncode != 0
    assert "no room" in done.stderr
    assert bench.apply().returncode == 0
