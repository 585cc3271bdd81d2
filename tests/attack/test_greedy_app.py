"""A service's app takes more than its share: the attacker writes all of it, and wants the worker to stall.

In the cage of this machine, and without one, where what it starts is kept by who holds its leash.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import psutil
import pytest

from odmd.agent.mask import Mask
from odmd.bootstrap.app_limits import AppLimits
from odmd.bootstrap.numbers import read_numbers
from odmd.control.running.halting import halting
from odmd.control.running.place import Workplace
from odmd.errors import AppFailed, AppOverLimit, AssemblyUnfit, AssetUnfit, CdkJsonWrong, DiskFull, FileUnfit
from odmd.isolation import Isolation
from odmd.model.targets import Target
from odmd.providers import keeper
from odmd.providers.aws import CdkSynthesiser
from odmd.providers.aws.assembly import read_assembly
from odmd.providers.cage import Cage, find_cage
from odmd.providers.environments.install import run as install
from odmd.providers.environments.recipe import Command
from odmd.providers.leash import USUAL, ProgramLimits, leashed
from support.until import TOO_LONG, until

TARGET = Target("111122223333", "eu-west-1")
HEAD = """
import json, os, pathlib, subprocess, sys, time
out = pathlib.Path(os.environ["CDK_OUTDIR"])
out.joinpath("manifest.json").write_text("{}")
"""


class Greedy:
    """The attacker's app, on a worker's machine."""

    def __init__(self, root: Path, cage: Cage) -> None:
        self.place, self._cage = Workplace(root), cage
        self.place.source.mkdir()
        self.name = f"greedy-{os.getpid()}-{time.monotonic_ns()}"
        """Stands in the command line of what it leaves running."""

    def run(self, program: str, limits: ProgramLimits = USUAL) -> None:
        (self.place.source / "app.py").write_text(f"{HEAD}\nNAME = {self.name!r}\n{program}")
        (self.place.source / "cdk.json").write_text(json.dumps({"app": "python app.py"}))
        synthesiser = CdkSynthesiser(Mask({}).stream, cage=lambda: self._cage, limits=limits)
        synthesiser.synthesise(self.place.source, self.place, TARGET, lambda _: None)

    def running(self) -> list[psutil.Process]:
        return [one for one in psutil.process_iter(["cmdline"]) if self.name in (one.info["cmdline"] or ())]


@pytest.fixture(params=["caged", "not caged"])
def greedy(request: pytest.FixtureRequest, tmp_path: Path) -> Greedy:
    return Greedy(tmp_path, find_cage(Isolation.REQUIRED if request.param == "caged" else Isolation.OFF))


@pytest.fixture
def app(tmp_path: Path) -> Greedy:
    return Greedy(tmp_path, find_cage(Isolation.OFF))


class TestTheMachine:
    def test_a_bomb_of_processes_is_ended_with_its_reason(self, greedy: Greedy) -> None:
        """Wants every process that the machine can have. Each goes into a session of its own; this one stops at 600."""
        bomb = """
open(out / "level", "w").write("0")
while len(os.listdir(out)) < 600:
    if os.fork() == 0:
        os.setsid()
        (out / str(os.getpid())).touch()
        if os.fork() == 0:
            (out / str(os.getpid())).touch()
            time.sleep(600)
        time.sleep(600)
time.sleep(600)
"""
        with pytest.raises(
            AppOverLimit, match=r"the app was ended: it had \d+ processes and threads, more than 40"
        ) as met:
            greedy.run(bomb, replace(USUAL, processes=40, seconds=60))

        assert "raise processes in [tool.odmd.app-limits]" in met.value.next_step
        assert not [one for one in psutil.process_iter(["cwd"]) if one.info["cwd"] == str(greedy.place.source)]

    def test_threads_count(self, app: Greedy) -> None:
        """Wants the same with threads."""
        with pytest.raises(AppOverLimit, match="processes and threads"):
            app.run(
                "import threading\nfor _ in range(60): threading.Thread(target=time.sleep, args=(600,)).start()",
                replace(USUAL, processes=40, seconds=60),
            )

    def test_a_hog_of_memory_is_ended_with_its_reason(self, greedy: Greedy) -> None:
        """Wants all memory, so that the system ends the worker."""
        with pytest.raises(AppOverLimit, match=r"took \d+ MB of memory, more than 200") as met:
            greedy.run(
                "kept = [b'x' * 50_000_000 for _ in range(6)]\ntime.sleep(600)",
                replace(USUAL, memory_mb=200, seconds=60),
            )
        assert "raise memory-mb" in met.value.next_step

    def test_memory_that_looks_like_files_is_memory(self, tmp_path: Path) -> None:
        """Wants the same with temporary files, which are in memory in its cage."""
        with pytest.raises(AppOverLimit, match=r"took \d+ MB of memory, more than 200"):
            Greedy(tmp_path, find_cage(Isolation.REQUIRED)).run(
                "open('/tmp/large', 'wb').write(b'x' * 250_000_000)\ntime.sleep(600)",
                replace(USUAL, memory_mb=200, seconds=60),
            )

    def test_memory_that_processes_share_counts_once(self, app: Greedy) -> None:
        """Attacks nothing: an app forks eight times, each with the same 60 MB."""
        app.run(
            """
kept = b"x" * 60_000_000
children = [pid for _ in range(8) if (pid := os.fork()) or time.sleep(1.5) or os._exit(0)]
for pid in children: os.waitpid(pid, 0)
""",
            replace(USUAL, memory_mb=300),
        )

    def test_an_endless_loop_is_ended_with_its_reason(self, app: Greedy) -> None:
        """Wants the worker's place for ever."""
        with pytest.raises(AppOverLimit, match="was not done after 1 s") as met:
            app.run("while True: pass", replace(USUAL, seconds=1))
        assert "raise seconds" in met.value.next_step

    def test_much_on_the_disk_is_ended_with_its_reason(self, app: Greedy) -> None:
        """Wants the disk."""
        with pytest.raises(AppOverLimit, match="has more than 20 MB on the disk") as met:
            app.run(
                "(out / 'large').write_bytes(b'x' * 30_000_000)\ntime.sleep(600)",
                replace(USUAL, disk_mb=20, seconds=60),
            )
        assert "raise disk-mb" in met.value.next_step

    def test_a_disk_that_is_nearly_full_ends_it(
        self, app: Greedy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Has filled the disk. Wants the worker to write into nothing."""
        (tmp_path / "keeper.py").write_text(
            Path(keeper.__file__).read_text().replace("LEAST_ROOM: Final = 64_000_000", f"LEAST_ROOM: Final = {2**62}")
        )
        monkeypatch.setattr(keeper, "__file__", str(tmp_path / "keeper.py"))
        with pytest.raises(DiskFull, match="the disk of this machine has"):
            app.run("time.sleep(600)", replace(USUAL, seconds=60))

    def test_what_it_leaves_in_another_session_is_dead_when_it_has_ended(self, greedy: Greedy) -> None:
        """Wants to change its assembly after odmd looked at it: a daemon, forked twice, that holds its output open."""
        greedy.run(
            """
subprocess.Popen(["setsid", sys.executable, "-c", "import os, time; os.fork() or time.sleep(600)", NAME])
time.sleep(0.3)
"""
        )
        assert not greedy.running()

    def test_limits_are_settings(self) -> None:
        """Attacks nothing: an app that needs more is given more where runs are carried out."""
        assert read_numbers(AppLimits, {"memory-mb": 16_000}, "app-limits", "here").of_programs == replace(
            USUAL, memory_mb=16_000
        )


class TestEnding:
    def test_a_run_that_is_over_ends_its_app(self, greedy: Greedy) -> None:
        """Wants to go on after somebody cancelled it; hears no signal."""
        with halting() as halt:

            def end() -> None:
                until(lambda: greedy.place.log.exists() and "ready" in greedy.place.log.read_text())
                halt.end()

            ending = threading.Thread(target=end)
            ending.start()
            began = time.monotonic()
            with pytest.raises(AppFailed, match="ended with"):
                greedy.run(
                    """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["setsid", sys.executable, "-c", "import time; time.sleep(600)", NAME])
print("ready")
time.sleep(600)
"""
                )
            ending.join()
        assert time.monotonic() - began < 60
        assert not greedy.running()

    def test_and_its_installers(self, tmp_path: Path) -> None:
        """Wants the same from the build script of a package."""
        command = Command(("sh", "-c", "echo on; sleep 600"), tmp_path)
        with halting() as halt, pytest.raises(Exception, match="ended with"):
            install("npm", command, list, os.environ, lambda _: halt.end(), 60, tmp_path / "log")

    def test_a_build_script_takes_no_more_than_its_share(self, tmp_path: Path) -> None:
        """Wants the memory of the machine."""
        hog = "import time; held = bytearray(400_000_000); held[::4096] = b'x' * len(held[::4096]); time.sleep(600)"
        command = Command((sys.executable, "-c", hog), tmp_path)
        with pytest.raises(AppOverLimit, match=r"took .* of memory"):
            install("npm", command, list, os.environ, print, 60, tmp_path / "log", ProgramLimits(memory_mb=100))

    def test_what_begins_when_it_is_over_ends_at_once(self, tmp_path: Path) -> None:
        with halting() as halt:
            halt.end()
            assert leashed(["sleep", "600"], env={}, cwd=tmp_path, output=-3).wait(TOO_LONG) != 0


class TestWhatItWrites:
    """Wants the reader to wait for ever, to run out of memory or of stack, or to read for it what is not its own."""

    STACK: ClassVar = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "one.json"}}

    def assembly(self, folder: Path, **artifacts: object) -> Path:
        (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts or {"one": self.STACK}}))
        return folder

    def test_a_pipe_as_a_template_is_refused(self, tmp_path: Path) -> None:
        os.mkfifo(self.assembly(tmp_path) / "one.json")
        with pytest.raises(FileUnfit, match=r"one\.json is a pipe, no file"):
            read_assembly(tmp_path, TARGET, {})

    def test_a_template_of_2_gb_is_refused_unread(self, tmp_path: Path) -> None:
        with (self.assembly(tmp_path) / "one.json").open("wb") as file:
            file.truncate(2_000_000_000)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(FileUnfit, match=r"one\.json has 2,000,000,000 bytes"):
            read_assembly(tmp_path, TARGET, {})
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000

    def test_a_template_that_cloudformation_does_not_take_is_refused(self, tmp_path: Path) -> None:
        (self.assembly(tmp_path) / "one.json").write_text(json.dumps({"Description": "x" * 1_100_000}))
        with pytest.raises(AssemblyUnfit, match="bytes of 1,048,576 at most, which CloudFormation takes"):
            read_assembly(tmp_path, TARGET, {})

    @pytest.mark.parametrize("deep", ["[" * 300 + "]" * 300, "[" * 1_000_000])
    def test_a_deep_manifest_is_refused(self, tmp_path: Path, deep: str) -> None:
        (tmp_path / "manifest.json").write_text(deep)
        with pytest.raises(FileUnfit, match="more than 200 levels"):
            read_assembly(tmp_path, TARGET, {})

    def test_a_manifest_of_millions_of_values_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "manifest.json").write_text(f"[{'{},' * 4_000_000}0]")
        with pytest.raises(FileUnfit, match="nobody reads more than 4,000,000"):
            read_assembly(tmp_path, TARGET, {})

    @pytest.mark.parametrize("file", ["manifest.json", "one.json", "more.json", "assets.json"])
    def test_a_link_out_of_the_assembly_is_refused(self, tmp_path: Path, file: str) -> None:
        """Wants a secret beside it in a template, or in what odmd says of it."""
        out = tmp_path / "cdk.out"
        out.mkdir()
        listed = {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}}
        self.assembly(out, one={**self.STACK, "additionalMetadataFile": "more.json"}, listed=listed)
        for name in ("one.json", "more.json", "assets.json"):
            (out / name).write_text("{}")
        (tmp_path / "secret").write_text('{"Outputs": {}}')
        (out / file).unlink()
        (out / file).symlink_to(tmp_path / "secret")
        with pytest.raises(AssetUnfit, match=f"{file} → .*secret, which is outside of the assembly"):
            read_assembly(out, TARGET, {})

    @pytest.mark.parametrize("path", ["../secret", "/etc/hostname", "link/secret"])
    def test_an_asset_elsewhere_is_refused(self, tmp_path: Path, path: str) -> None:
        out = tmp_path / "cdk.out"
        out.mkdir()
        (out / "link").symlink_to("..")
        (tmp_path / "secret").write_text("secret")
        self.assembly(out, listed={"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}})
        to = {"here": {"bucketName": "b", "objectKey": "k"}}
        files = {"one": {"source": {"path": path}, "destinations": to}}
        (out / "assets.json").write_text(json.dumps({"files": files}))
        with pytest.raises(AssetUnfit, match="which is outside of the assembly"):
            read_assembly(out, TARGET, {})

    def test_an_asset_that_links_multiply_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Wants one folder to be billions: each level is there twice."""
        monkeypatch.setattr("odmd.providers.aws.inside._MOST_VISITS", 20)
        for level in range(30):
            (tmp_path / str(level)).mkdir()
            for name in "ab":
                (tmp_path / str(level) / name).symlink_to(f"../{level + 1}")
        (tmp_path / "30").mkdir()
        (tmp_path / "30" / "file").touch()
        self.assembly(tmp_path, listed={"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}})
        source = {"path": "0", "packaging": "zip"}
        files = {"one": {"source": source, "destinations": {"here": {"bucketName": "b", "objectKey": "k"}}}}
        (tmp_path / "assets.json").write_text(json.dumps({"files": files}))
        with pytest.raises(AssetUnfit, match="and 20 more links lead there"):
            read_assembly(tmp_path, TARGET, {})

    @pytest.mark.parametrize("file", ["cdk.json", "cdk.context.json"])
    def test_a_link_out_of_the_checkout_is_refused(self, app: Greedy, file: str) -> None:
        """Has what it likes in its repository. Wants a file of the worker as its context."""
        (app.place.root / "secret").write_text("{}")
        (app.place.source / "cdk.json").write_text('{"app": "true"}')
        (app.place.source / file).unlink(missing_ok=True)
        (app.place.source / file).symlink_to(app.place.root / "secret")
        with pytest.raises(CdkJsonWrong, match="outside of source"):
            CdkSynthesiser(Mask({}).stream).synthesise(app.place.source, app.place, TARGET, lambda _: None)

    def test_endless_output_is_forgotten_and_takes_no_memory(
        self, app: Greedy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Wants the log to fill the disk, with lines and with one that has no end; here 300 MB."""
        monkeypatch.setattr("odmd.providers.app_process._KEPT", 1_000_000)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        app.run("for _ in range(200): print('words ' * 1000 + '\\n' + 'z' * 1_500_000, end='')\nprint('the end')")
        assert app.place.log.stat().st_size < 1_100_000
        assert app.place.log.read_text().count("it printed more, which is not kept") == 1
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000
