"""A service's app is somebody else's program: the attacker writes all of it, and wants what is not the service's.

It runs in the cage of this machine; where there is none, these tests fail, as `odmd serve` would.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from odmd.agent.mask import Mask
from odmd.control.running.place import Workplace
from odmd.errors import AppFailed
from odmd.isolation import Isolation
from odmd.model.targets import Target
from odmd.providers.aws import CdkSynthesiser
from odmd.providers.cage import find_cage
from support.until import until

SECRET = "s3cret-of-the-worker"
WRITES = """
import json, os, pathlib
out = pathlib.Path(os.environ["CDK_OUTDIR"])
def found(**what):
    (out / "manifest.json").write_text("{}")
    (out / "found.json").write_text(json.dumps(what))
"""


class Machine:
    """A worker's machine: its state with two runs of different services, its home, and a run that is the attacker's."""

    def __init__(self, root: Path) -> None:
        self.home, self.state = root / "home", root / "state"
        for file in (self.home / ".aws" / "credentials", self.home / ".git-credentials", self.state / "state.db"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(SECRET)
        self.other = Workplace(self.state / "runs" / "1" / "1")
        self.place = Workplace(self.state / "runs" / "2" / "1")
        for place in (self.other, self.place):
            place.source.mkdir(parents=True)
        (self.other.source / "app.py").write_text(SECRET)
        self.place.log.write_text("")
        self.told: list[str] = []

    def run(self, program: str) -> dict[str, object]:
        """Runs the attacker's app; returns what it found."""
        (self.place.source / "app.py").write_text(WRITES + program)
        (self.place.source / "cdk.json").write_text(json.dumps({"app": "python app.py"}))
        cage = find_cage(Isolation.REQUIRED)
        synthesiser = CdkSynthesiser(Mask({}).stream, cage=lambda: cage)
        synthesiser.synthesise(self.place.source, self.place, Target("111122223333", "eu-west-1"), self.told.append)
        return json.loads((self.place.built / "found.json").read_text())


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    return made


def test_it_finds_no_secret_anywhere_that_it_can_read(machine: Machine) -> None:
    """Wants the worker's key, its home, the state, other runs: by walking all that there is to be read."""
    found = machine.run(
        f"""
secret, seen, count = {SECRET[::-1]!r}[::-1].encode(), [], 0
roots = {str(machine.state)!r}, {str(machine.home)!r}, os.environ["HOME"], "/proc", "/root", "/home", "/etc", "/tmp"
for root in roots:
    for folder, folders, files in os.walk(root):
        if "/.venv/" in folder or "/.pyenv/" in folder or folder.count("/") > 12 or folder == "/proc/sys":
            folders.clear()
            continue
        for name in files:
            if folder.startswith("/proc/") and name not in ("environ", "cmdline"):
                continue
            path = os.path.join(folder, name)
            try:
                if os.path.isfile(path) and secret in open(path, "rb").read(1_000_000):
                    seen.append(path)
                count += 1
            except OSError:
                pass
found(seen=[one for one in seen if not one.endswith("/app.py")], count=count)
"""
    )
    assert found["seen"] == []
    assert int(str(found["count"])) > 20, "it looked"


def test_it_sees_no_process_but_its_own(machine: Machine) -> None:
    """Wants the environment of the process that holds the credentials."""
    found = machine.run(
        """
found(seen=sorted({open(f"/proc/{one}/comm").read().strip() for one in os.listdir("/proc") if one.isdigit()}))
"""
    )
    assert set(found["seen"]) <= {"bwrap", "sh", "python"}  # type: ignore[call-overload]


def test_it_writes_nothing_but_what_is_its_own(machine: Machine) -> None:
    """Wants to change the state, another run's source, odmd's own code, and the log that speaks of it."""
    targets = [machine.state / "state.db", machine.other.source / "app.py", machine.home / "new", machine.state / "new"]
    targets += [Path(os.__file__), Path(find_cage.__code__.co_filename)]
    before = {path: path.read_bytes() if path.exists() else None for path in targets}
    found = machine.run(
        f"""
refused = []
for path in {[str(one) for one in (*targets, machine.place.log)]!r}:
    try:
        with open(path, "a") as file: file.write("mine")  # what is nowhere but in its cage goes with it
    except OSError: refused.append(path)
found(refused=refused)
"""
    )
    assert {path: path.read_bytes() if path.exists() else None for path in targets} == before
    assert "mine" not in machine.place.log.read_text()
    assert str(targets[-1]) in list(found["refused"])  # type: ignore[call-overload]


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard: list[str] = []

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                heard.append(str(connection))

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], heard


def test_it_reaches_no_server_of_this_machine(machine: Machine, listener: tuple[int, list[str]]) -> None:
    """Wants an admin's token of the API that trusts everybody on this machine."""
    port, heard = listener
    found = machine.run(
        f"""
import socket
try:
    socket.create_connection(("127.0.0.1", {port}), timeout=2); reached = True
except OSError as wrong: reached = False
found(reached=reached)
"""
    )
    assert found["reached"] is False
    assert heard == []


def test_what_it_leaves_behind_dies_with_it(machine: Machine) -> None:
    """Wants to stay: a process in a session of its own, that would look for the next run's credentials."""
    name = f"left-behind-{os.getpid()}"
    machine.run(
        f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", {name!r}], start_new_session=True)
found()
"""
    )
    until(lambda: not [one for one in psutil.process_iter(["cmdline"]) if name in (one.info["cmdline"] or ())])


def test_links_in_its_assembly_and_source_lead_nowhere_for_it(machine: Machine) -> None:
    """Wants odmd to read for it what it cannot read itself."""
    with pytest.raises(AppFailed):
        machine.run(
            f"""
os.symlink({str(machine.state / "state.db")!r}, out / "manifest.json")
raise SystemExit("no manifest of its own: " + str((out / "manifest.json").exists()))
"""
        )
    assert "no manifest of its own: False" in machine.place.log.read_text()


def test_it_changes_no_setting_of_the_kernel_although_root_started_its_cage(machine: Machine) -> None:
    found = machine.run("""
wrote = []
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/1/root/proc/sys/kernel/core_pattern"):
    try:
        said = pathlib.Path(path).read_text()
        pathlib.Path(path).write_text(said)  # as it is: where this succeeds, anything else would
        wrote.append(path)
    except OSError: pass
found(wrote=wrote, sysrq=os.access("/proc/sysrq-trigger", os.W_OK))
""")
    assert found == {"wrote": [], "sysrq": False}


def test_a_run_says_what_cage_it_is_in(machine: Machine) -> None:
    machine.run("found()")
    assert "caged by bubblewrap, without network" in machine.told


def test_it_has_an_empty_home_and_nobody_elses_environment(machine: Machine) -> None:
    """Wants to change what another service's app will run."""
    (machine.state / "environments" / "another").mkdir(parents=True)
    found = machine.run(
        f"""
found(others=os.path.exists({str(machine.state / "environments")!r}), home=os.listdir(os.environ["HOME"]))
"""
    )
    assert found == {"others": False, "home": []}


def test_it_neither_reaches_who_reads_its_log_nor_pushes_out_what_odmd_says(machine: Machine) -> None:
    """Wants the terminal of whoever reads, and its own traces out of the record."""
    machine.run(
        r"""
print("\x1b]0;mine\x07\x1b[2J\x1b[8mhidden\x1b[0m \x9b2J a\u202eb\r✓ all is well", flush=True)
print("\n".join(f"line {number}" for number in range(10_500)))
found()
"""
    )
    kept, told = machine.place.log.read_text(), machine.told
    assert kept.startswith("hidden �2J a�b\n✓ all is well\nline 0\n")
    assert kept.replace("\n", "").isprintable()
    assert not [line for line in told if line == "✓ all is well"], "what it says, it says as the app"
    assert [line for line in told if "left out" in line] == ["app: … left out: 402 of its lines …"]
    assert told[-1] == "app: line 10499"
    assert [line for line in told if not line.startswith("app: ")], "and odmd's own lines are there"
