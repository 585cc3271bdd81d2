"""A plan is looked at, kept, limited, and carried out exactly so or refused with what moved."""

from __future__ import annotations

import json
import sqlite3

from support.workbench import READER, Workbench, bus, without


def prepared(bench: Workbench) -> str:
    """Everything deployed, then a new bus; the digest of the plan."""
    assert bench.apply().returncode == 0
    return changed(bench)


def changed(deployed: Workbench) -> str:
    """A new bus; the digest of the plan."""
    deployed.commit("foundation", {"": bus("two")})
    return str(deployed.data("plan")["digest"])


def refused(bench: Workbench, digest: str, code: str, *words: str) -> str:
    done = bench.odmd("apply", digest)
    assert done.returncode == 1, done.stdout
    assert done.stderr.startswith(f"{code} "), done.stderr
    for word in words:
        assert word in done.stderr, done.stderr
    return done.stderr


class TestDigest:
    def test_a_plan_is_carried_out_as_it_was_shown(self, bench: Workbench) -> None:
        digest = prepared(bench)
        done = bench.odmd("apply", digest.removeprefix("sha256:")[:7])
        assert done.returncode == 0, done.stdout + done.stderr
        assert {enver["state"] for enver in bench.data("status")} == {"deployed"}
        assert bench.data("runs")[0]["mode"] == "values only"
        refused(bench, digest, "ODMD103", "was carried out already")

    def test_before_anything_was_deployed_too(self, bench: Workbench) -> None:
        digest = bench.data("plan")["digest"]
        assert not (bench.root / ".odmd" / "state.db").exists(), "a plan makes nothing"
        assert bench.odmd("apply", digest).returncode == 0

    def test_a_head_that_moved_is_named(self, deployed: Workbench) -> None:
        digest, runs = changed(deployed), len(deployed.data("runs"))
        deployed.commit("foundation", {"": bus("three")})
        refused(deployed, digest, "ODMD103", "foundation@main: its head moved from ", "`odmd plan`")
        assert len(deployed.data("runs")) == runs

    def test_a_head_that_the_plan_does_not_rest_on_does_not_matter(self, bench: Workbench) -> None:
        assert bench.apply().returncode == 0
        bench.commit("writer")
        digest = bench.data("plan")["digest"]
        bench.commit("reader")
        assert bench.odmd("apply", digest).returncode == 0
        assert bench.data("runs")[0]["enver"] == "writer/b..main"
        assert [step["enver"] for step in steps(bench.data("plan"))] == ["reader/b..main"]

    def test_contracts_that_moved_are_named(self, deployed: Workbench) -> None:
        digest = changed(deployed)
        text = (deployed.root / "contracts.py").read_text()
        deployed.write("contracts.py", text.replace('Team("platform")', 'Team("other")'))
        refused(deployed, digest, "ODMD103", "foundation@main: what the contracts say of it changed")

    def test_an_enver_that_went_is_named(self, deployed: Workbench) -> None:
        digest = changed(deployed)
        deployed.write("contracts.py", without((deployed.root / "contracts.py").read_text(), "writer"))
        refused(deployed, digest, "ODMD103", "writer@main is no longer in the contracts")

    def test_who_was_deployed_meanwhile_is_named(self, bench: Workbench) -> None:
        digest = prepared(bench)
        assert bench.odmd("apply", "--yes").returncode == 0
        bench.commit("foundation", {"": bus("two")})
        refused(bench, digest, "ODMD103")

    def test_a_stored_plan_that_is_none_for_here(self, deployed: Workbench) -> None:
        digest = changed(deployed)
        with sqlite3.connect(deployed.root / ".odmd" / "state.db") as db:
            (text,) = db.execute("SELECT body FROM documents WHERE name = ?", (f"plan/{digest}",)).fetchone()
        for old, new, words in (
            ('"update",true', '"update",false', "was edited"),
            (text, "", "was edited"),
            ('"organisation": "acme"', '"organisation": "other"', "is of organisation other"),
            ('"format": 3', '"format": 99', "newer release"),
        ):
            with sqlite3.connect(deployed.root / ".odmd" / "state.db") as db:
                edited = text.replace(old, new, 1)
                db.execute("UPDATE documents SET body = ? WHERE name = ?", (edited, f"plan/{digest}"))
            assert edited != text
            refused(deployed, digest, "ODMD114", words)
        assert len(deployed.data("runs")) == 3


class TestLimits:
    def test_a_target_and_what_it_needs(self, bench: Workbench) -> None:
        done = bench.odmd("apply", "--yes", "--target", "reader@main")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Left out" in done.stdout
        assert {run["enver"] for run in bench.data("runs")} == {"foundation/b..main", "reader/b..main"}

    def test_an_unknown_target(self, bench: Workbench) -> None:
        done = bench.odmd("plan", "--target", "raeder@main")
        assert done.returncode == 1
        assert done.stderr.startswith("ODMD101 ")

    def test_only_values(self, deployed: Workbench) -> None:
        changed(deployed)
        plan = deployed.data("plan", "--only-values")
        assert plan["plan"]["left_out"] == ["foundation/b..main"]
        assert steps(plan) == []

    def test_without_refresh_heads_are_those_of_the_last_plan(self, deployed: Workbench) -> None:
        digest = changed(deployed)
        deployed.commit("foundation", {"": bus("three")})
        assert deployed.data("plan", "--no-refresh")["digest"] == digest
        assert deployed.data("plan")["digest"] != digest

    def test_limits_beside_a_digest_are_wrong_usage(self, bench: Workbench) -> None:
        assert bench.odmd("apply", "c0ffee1", "--only-values").returncode == 2


class TestFormats:
    def test_markdown(self, bench: Workbench) -> None:
        assert bench.odmd("plan", "--format", "markdown").stdout.startswith("### Plan `")

    def test_html(self, bench: Workbench) -> None:
        assert bench.odmd("plan", "--format", "html").stdout.startswith("<!doctype html>")

    def test_json_says_what_is_wrong_as_data(self, bench: Workbench) -> None:
        done = bench.odmd("plan", "--json", "--target", "nobody@main")
        assert (done.returncode, json.loads(done.stdout)["diagnostics"][0]["code"]) == (1, "ODMD101")


def test_durations_and_retirements_are_told_from_history(deployed: Workbench) -> None:
    changed(deployed)
    said = deployed.odmd("plan").stdout
    assert "about " in said
    assert "if step 1 replaces foundation@main/bus #1 (one), it is retired once reader@main, writer@main moved" in said


def test_a_breaking_wire_is_told(bench: Workbench) -> None:
    text = (bench.root / "contracts.py").read_text().replace("EventBus[str]", "EventBus[Happened]")
    schema = "from dataclasses import dataclass\n@dataclass\nclass Happened:\n    what: str\n    when: str\n"
    bench.write("contracts.py", schema + text)
    assert bench.apply().returncode == 0
    bench.write("contracts.py", schema.replace("    when: str\n", "    when: int\n") + text)
    said = bench.odmd("plan").stdout
    assert "2 wires breaking" in said, said
    assert "reader@main: breaking: bus: product schema" in said, said


def steps(plan: dict[str, dict[str, list[dict[str, list[dict[str, str]]]]]]) -> list[dict[str, str]]:
    return [step for stage in plan["plan"]["stages"] for step in stage["steps"]]


class TestUnreadable:
    def test_one_repository_that_is_away_is_its_own_envers(self, bench: Workbench) -> None:
        assert bench.apply().returncode == 0
        away, here = bench.root / "repos" / "acme" / "away", bench.root / "repos" / "acme" / "writer"
        here.rename(away)
        commit = bench.commit("reader", {"": {**READER, "Outputs": {**READER["Outputs"], "More": {"Value": "one"}}}})
        done = bench.odmd("plan")
        assert done.returncode == 1
        assert "update reader@main" in done.stdout
        assert "writer@main: unreadable since 20" in done.stdout
        done = bench.apply()
        assert done.returncode == 1
        assert done.stdout.splitlines()[-1].startswith("✗ writer@main: unreadable since")
        states = {one["enver"]: one for one in bench.data("status")}
        assert states["reader/b..main"]["commit"] == commit
        assert states["writer/b..main"]["state"] == "deployed"
        assert states["writer/b..main"]["unreadable"]["code"] == "ODMD201"
        assert "! writer@main: unreadable since" in bench.odmd("status").stdout
        assert "unreadable since" in bench.odmd("why", "writer@main").stdout
        assert bench.odmd("plan", "--target", "reader@main").returncode == 0
        away.rename(here)
        assert bench.odmd("plan").returncode == 0
        assert "unreadable" not in bench.odmd("status").stdout


def test_contracts_that_are_not_committed_are_deployed_only_when_that_is_said(bench: Workbench) -> None:
    bench.write(".gitignore", "repos/\n.odmd/\n__pycache__/\n")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "contracts"]):
        assert bench.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words]).returncode == 0
    bench.write("contracts.py", (bench.root / "contracts.py").read_text() + "# more\n")
    done = bench.apply()
    assert done.returncode == 1
    assert "The contracts have uncommitted changes\n  contracts.py" in done.stdout
    assert "ODMD115" in done.stderr
    assert bench.data("runs") == []
    done = bench.odmd("apply", "--yes", "--allow-dirty", "--target", "foundation@main")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "with uncommitted changes in contracts.py" in bench.odmd("why", "foundation@main").stdout
