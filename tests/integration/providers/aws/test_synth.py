"""Running a CDK app: what it is given, and what its failures say."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from odmd.agent.mask import Mask
from odmd.control.running.place import Workplace
from odmd.errors import AppFailed, AppObjects, ToolMissing
from odmd.model.targets import Target
from odmd.providers.aws import CdkSynthesiser
from support.until import TOO_LONG

TARGET = Target("111122223333", "eu-west-1")
GOOD = """
import json, os, pathlib
out = pathlib.Path(os.environ["CDK_OUTDIR"]); out.mkdir(exist_ok=True)
(out / "manifest.json").write_text("{}")
(out / "environment.json").write_text(json.dumps(dict(os.environ)))
"""


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    (tmp_path / "source").mkdir()
    return Workplace(tmp_path)


def synthesise(place: Workplace, program: str | None = None, **cdk_json: object) -> list[str]:
    """Runs a program as the app; returns what was told of its progress."""
    if program is not None:
        (place.source / "app.py").write_text(textwrap.dedent(program))
        cdk_json = {"app": "python app.py", **cdk_json}
    (place.source / "cdk.json").write_text(json.dumps(cdk_json))
    told: list[str] = []
    CdkSynthesiser(Mask().stream).synthesise(place.source, place, TARGET, told.append)
    return told


class TestRunning:
    def test_the_app_knows_its_run_and_nothing_secret(self, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("DATABASE_URL", "secret")
        monkeypatch.setenv("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")

        synthesise(place, GOOD, context={"zones": 2})

        seen = json.loads((place.built / "environment.json").read_text())
        assert "secret" not in seen.values()
        assert seen["ODMD_RUN"] == str(place.document)
        assert (seen["CDK_DEFAULT_ACCOUNT"], seen["CDK_DEFAULT_REGION"]) == ("111122223333", "eu-west-1")
        assert json.loads(seen["CDK_CONTEXT_JSON"])["zones"] == 2
        assert seen["PATH"].startswith(str(Path(sys.executable).parent))
        assert Path(seen["JSII_NODE"]).name == "node"
        assert seen["JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION"] == "1"

    def test_an_assembly_of_before_is_gone(self, place: Workplace) -> None:
        place.built.mkdir()
        (place.built / "old.template.json").write_text("{}")

        synthesise(place, GOOD)

        assert not (place.built / "old.template.json").exists()

    def test_what_it_prints_is_in_the_log_and_told(self, place: Workplace) -> None:
        told = synthesise(place, GOOD + "for number in range(50): print('line', number)")

        assert place.log.read_text().splitlines() == [f"line {number}" for number in range(50)]
        assert told == [f"app: line {n}" for n in range(50)]


class TestFailing:
    def test_an_exception_is_the_reason(self, place: Workplace) -> None:
        with pytest.raises(AppFailed) as failed:
            synthesise(place, "raise RuntimeError('no such bus')")

        assert failed.value.fact == "the app ended with 1: RuntimeError: no such bus"
        assert failed.value.next_step == f"see {place.log}"
        assert "Traceback" in place.log.read_text()

    def test_of_chained_exceptions_the_last_one_is(self, place: Workplace) -> None:
        program = """
            class NotInRun(Exception): ...
            try:
                raise KeyError("bus")
            except KeyError as wrong:
                raise NotInRun("the run has no `bus`\\nit has `table`") from wrong
        """
        with pytest.raises(AppFailed, match=r"1: NotInRun: the run has no `bus` / it has `table`$"):
            synthesise(place, program)

    def test_else_the_last_lines_are(self, place: Workplace) -> None:
        with pytest.raises(AppFailed, match="the app ended with 3: it is / not / well"):
            synthesise(place, "print('quite\\nit is\\nnot\\nwell'); exit(3)")

    def test_a_silent_end_is_told(self, place: Workplace) -> None:
        with pytest.raises(AppFailed, match="it printed nothing"):
            synthesise(place, "exit(3)")

    def test_no_assembly_is_a_failure(self, place: Workplace) -> None:
        with pytest.raises(AppFailed, match="wrote no cloud assembly"):
            synthesise(place, "print('done')")

    def test_a_program_that_is_not_there_is_missing(self, place: Workplace) -> None:
        with pytest.raises(ToolMissing, match="needs `no-such-program`"):
            synthesise(place, app="no-such-program app.py")

    def test_without_node_nothing_is_started(self, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
        monkeypatch.setenv("PATH", "/nowhere")

        with pytest.raises(ToolMissing, match="need Node"):
            synthesise(place, GOOD)

        assert not place.log.exists()


class TestDying:
    def test_the_app_and_what_it_started_end_with_a_killed_parent(self, place: Workplace) -> None:
        fifo = place.root / "started"
        os.mkfifo(fifo)
        app = f"""
            import os, subprocess, time
            child = subprocess.Popen(["sleep", "600"])
            open({str(fifo)!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
            time.sleep(600)
        """
        (place.source / "app.py").write_text(textwrap.dedent(app))
        (place.source / "cdk.json").write_text('{"app": "true && python app.py; true"}')
        parent = textwrap.dedent(f"""
            from pathlib import Path
            from odmd.agent.mask import Mask
            from odmd.control.running.place import Workplace
            from odmd.model.targets import Target
            from odmd.providers.aws import CdkSynthesiser
            place = Workplace(Path({str(place.root)!r}))
            CdkSynthesiser(Mask().stream).synthesise(place.source, place, Target("111122223333", "eu-west-1"), print)
        """)
        running = subprocess.Popen([sys.executable, "-c", parent])
        below = [psutil.Process(int(pid)) for pid in fifo.read_text().split()]

        running.send_signal(signal.SIGKILL)
        running.wait()

        assert psutil.wait_procs(below, timeout=TOO_LONG)[1] == []


class TestPolicies:
    """What the plug-ins of the app's own policies (cdk-nag) report, when they end its synthesis."""

    REPORT = """
    import json, os, pathlib, sys
    out = pathlib.Path(os.environ["CDK_OUTDIR"]); out.mkdir(exist_ok=True)
    violations = [
        {"ruleName": "Queue1", "description": "no redrive policy", "severity": "error",
         "violatingConstructs": [{"constructPath": "shop/Queue"}]},
        {"ruleName": "Trace1", "description": "not traced", "severity": "warning",
         "violatingConstructs": [{"constructPath": "shop/Function"}]},
    ]
    report = {"pluginReports": [{"pluginName": "Nag", "conclusion": "failure", "violations": violations}]}
    (out / "validation-report.json").write_text(%s)
    sys.exit("Validation failed. A copy of this report can be found in validation-report.json")
    """

    def test_they_are_told_by_construct_and_rule(self, place: Workplace) -> None:
        with pytest.raises(AppObjects, match=r"shop/Queue: no redrive policy \[Nag::Queue1\]$") as refused:
            synthesise(place, self.REPORT % "json.dumps(report)")
        assert "shop/Function" not in refused.value.fact

    @pytest.mark.parametrize("written", ["'{'", "'[]'", "json.dumps({'pluginReports': [1]})"])
    def test_without_a_report_that_can_be_read_it_is_what_the_app_printed(self, place: Workplace, written: str) -> None:
        with pytest.raises(AppFailed, match="Validation failed"):
            synthesise(place, self.REPORT % written)
