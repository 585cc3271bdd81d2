"""Contracts are somebody else's program: the attacker writes all of it, and wants what is not the organisation's.

They run in the cage of this machine, as `odmd serve` loads them; where the kernel gives no user namespaces there is
none, and these tests are left out.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from odmd.bootstrap import apart, confined
from odmd.bootstrap.apart import load_apart, surroundings
from odmd.bootstrap.apart_inside import Errand
from odmd.bootstrap.contracts import load_contracts
from odmd.bootstrap.settings import read_settings
from odmd.cli.main import app
from odmd.errors import (
    ContractsBoundless,
    ContractsNotBelieved,
    ContractsNotLoaded,
    ContractsTooOpen,
    KindSilent,
    NotCaged,
)
from odmd.graph import Compiled, imports
from odmd.isolation import Isolation
from odmd.model.kinds import NotOfKind
from odmd.providers.cage import UNCAGED, find_cage
from support.until import until

SECRET = "s3cret-of-the-server"
HEAD = """
import json, os, socket, sys
from pathlib import Path
from odmd.model import *
from odmd.model.kinds import EventBus, Kind, TextKind
"""
ACME = """
team, dev = Team("kitchen"), Stage("dev", Account("dev", "111122223333"), "eu-west-1")
class Name(TextKind):
    pattern = r"[a-z]+"
class Orders(CdkEnver, build=Build("orders", Repo("acme/orders", team))):
    bus: Produces[EventBus[str]] = produced(found, external=True)
    sort: Produces[Name] = produced("its name", external=True)
acme = Organisation("acme", central=dev.account, envers=[Orders(on=Branch("main"), at=dev)])
"""
LIE = """
import gc
line = next(one for one in gc.get_objects() if isinstance(one, socket.socket))
def say(text): line.sendall(text)
"""


@pytest.fixture(autouse=True, scope="module")
def _there_is_a_cage() -> None:
    try:
        find_cage(Isolation.REQUIRED)
    except NotCaged as none:
        pytest.skip(none.fact)


class Machine:
    """A server's machine: its home, its state beside the contracts, and a repository whose settings hold a password."""

    def __init__(self, root: Path) -> None:
        self.home, self.org = root / "home", root / "org"
        self.secrets = [
            self.home / ".aws" / "credentials",
            self.org / ".odmd" / "state.db",
            self.org / ".git" / "config",
            self.org / ".env",
            root / "beside" / "secret.txt",
        ]
        for file in self.secrets:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(SECRET)
        (self.org / "beside").symlink_to(root / "beside")

    def load(self, program: str, after: str = "") -> Compiled:
        """Loads the attacker's contracts as a server does."""
        (self.org / "org.py").write_text(HEAD + program + ACME + after)
        return load_contracts(read_settings(f"{self.org}/org.py:acme", self.org / ".odmd"), Isolation.REQUIRED)

    def found(self, program: str) -> object:
        """What the attacker's program leaves in `found`."""
        graph = self.load(f"{program}\nfound = json.dumps(found)\n").graph
        return json.loads(next(one.about for one in graph.envers["orders/b..main"].products if one.name == "bus"))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    return made


def test_they_find_no_secret_anywhere_that_they_can_read(machine: Machine) -> None:
    """Want the server's credentials, its state, the password of a repository: by name, and in what processes have."""
    paths = [*map(str, machine.secrets), str(machine.org / "beside" / "secret.txt")]
    found = machine.found(
        f"""
found = [name for name, text in os.environ.items() if {SECRET[::-1]!r}[::-1] in text]
for path in {paths!r} + [f"/proc/{{one}}/environ" for one in ("self", os.getppid(), 1, {os.getpid()})]:
    try:
        if {SECRET[::-1]!r}[::-1].encode() in open(path, "rb").read(1_000_000): found.append(path)
    except OSError: pass
"""
    )
    assert found == []


def test_they_see_no_process_of_others_and_an_empty_home(machine: Machine) -> None:
    found = machine.found(
        """
def name(one):
    try: return open(f"/proc/{one}/comm").read().strip()
    except OSError: return ""
found = [sorted({name(one) for one in os.listdir("/proc") if one.isdigit()} - {""}), os.listdir(os.environ["HOME"])]
"""
    )
    processes, home = found  # type: ignore[misc]
    assert set(processes) <= {"bwrap", "python", Path(sys.executable).name}
    assert home == []


def test_they_write_nothing(machine: Machine) -> None:
    """Want to change odmd's code, the contracts of the next time, and the state; or to fill the disk."""
    targets = [
        str(machine.org / "org.py"),
        apart.__file__,
        os.__file__,
        str(machine.org / ".odmd" / "state.db"),
        "full",
    ]
    before = [Path(one).read_bytes() for one in targets[1:-1]]
    found = machine.found(
        f"""
found = []
for path in {targets!r}:
    try:
        with open(path, "a") as file: file.write("mine")
        found.append(path)
    except OSError: pass
"""
    )
    assert found == []
    assert [Path(one).read_bytes() for one in targets[1:-1]] == before


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard: list[str] = []

        def listen() -> None:
            while True:
                try:
                    heard.append(str(server.accept()))
                except OSError:
                    return

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], heard


def test_they_reach_no_server_of_this_machine(machine: Machine, listener: tuple[int, list[str]]) -> None:
    """Want the API that trusts everybody on this machine, and a place to send what they found."""
    port, heard = listener
    found = machine.found(
        f"""
try: socket.create_connection(("127.0.0.1", {port}), timeout=2); found = "reached"
except OSError: found = "not reached"
"""
    )
    assert (found, heard) == ("not reached", [])


@pytest.mark.parametrize(
    "program",
    [
        "import subprocess\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', '{name}'])",
        "os.fork()",
        "os.posix_spawn('/bin/sleep', ['sleep', '600'], {{}})",
        "import ctypes\nassert ctypes.CDLL(None).fork() >= 0, 'not forked'",
        "import ctypes\nassert ctypes.CDLL(None).syscall(56, 17, 0, 0, 0, 0) >= 0, 'not cloned'",
    ],
)
def test_they_start_no_other_process(machine: Machine, program: str) -> None:
    """Want to stay, or to be so many that the machine stands still."""
    name = f"left-behind-{os.getpid()}"
    with pytest.raises(ContractsNotLoaded) as wrong:
        machine.load("# one line more\n" + program.format(name=name) + "\nfound = ''\n")
    assert wrong.value.place is not None
    assert wrong.value.place.file == str(machine.org / "org.py")
    assert [one for one in psutil.process_iter(["cmdline"]) if name in (one.info["cmdline"] or ())] == []


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "LONGEST_SECONDS", 0.3)
    monkeypatch.setattr(apart, "GRACE_SECONDS", 0.3)


@pytest.mark.usefixtures("in_a_hurry")
def test_a_loop_is_ended_at_its_line_in_any_thread(machine: Machine) -> None:
    """Wants the server never to answer a reload."""
    (machine.org / "org.py").write_text("n = 0\nwhile True:\n    n += 1\n")
    wrong: list[BaseException] = []

    def load(isolation: Isolation) -> None:
        try:
            load_contracts(read_settings(f"{machine.org}/org.py:acme", isolation=isolation))
        except ContractsNotLoaded as one:
            wrong.append(one)

    for isolation in (Isolation.REQUIRED, Isolation.OFF):
        thread = threading.Thread(target=load, args=(isolation,))
        thread.start()
        thread.join(60)
    assert [type(one) for one in wrong] == [ContractsBoundless, ContractsBoundless]
    assert [one.place.line in (2, 3) for one in wrong] == [True, True]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("in_a_hurry")
def test_a_loop_that_lets_no_signal_through_is_ended_all_the_same(machine: Machine) -> None:
    with pytest.raises(ContractsBoundless, match=r"not loaded after 0\.3 s"):
        machine.load(
            "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\nwhile True: pass"
        )


def test_they_take_no_more_memory_than_they_may(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "MOST_MEMORY", 300 * 1024**2)
    with pytest.raises(ContractsBoundless, match="more memory") as wrong:
        machine.load("much = []\nwhile True: much.append(bytearray(10_000_000))")
    assert wrong.value.place is not None


def test_they_print_no_more_than_they_may(machine: Machine) -> None:
    with pytest.raises(ContractsBoundless, match="print without end"):
        machine.load("while True: print('x' * 1000)")


def test_what_they_print_stands_in_nobodys_data(machine: Machine, capfd: pytest.CaptureFixture[str]) -> None:
    assert machine.found("print('\\x1b]0;mine\\x07{}')\nfound = 1") == 1
    assert capfd.readouterr() == ("", "")


def test_who_ends_the_process_ends_not_odmd(machine: Machine) -> None:
    with pytest.raises(ContractsNotLoaded, match="ended: the last words"):
        machine.load("print('the last words', flush=True)\nos._exit(0)")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("b'+{}\\n'", "is no graph"),
        ("b'+' + b'[' * 100_000 + b'\\n'", "is no graph"),
        ("b'\\x80\\x04cos\\nsystem\\n(S\"touch pickled\"\\ntR.'", "never says|is no graph"),
        ("b'-nothing\\n'", "never says"),
    ],
)
def test_what_they_tell_in_odmds_place_is_read_as_data(machine: Machine, said: str, why: str) -> None:
    """Want to be unpickled, or to break who reads it."""
    with pytest.raises(ContractsNotBelieved, match=why):
        machine.load(f"{LIE}\nsay({said})\nimport time; time.sleep(60)")
    assert not Path("pickled").exists()


def test_they_tell_no_more_than_is_read(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Want the server's memory."""
    monkeypatch.setattr(apart, "MOST_TOLD", 1_000_000)
    with pytest.raises(ContractsNotBelieved, match="without end"):
        machine.load(f"{LIE}\nsay(b'+')\nwhile True: say(b'x' * 100_000)")


def test_a_graph_that_lies_is_not_believed(machine: Machine) -> None:
    """Want what the rules would refuse; `tests/unit/graph/test_heard.py` has more of what they may say."""
    with pytest.raises(ContractsNotBelieved, match="12 digits"):
        machine.load(
            "found = ''",
            """
well = sys.modules["__main__"].tell
sys.modules["__main__"].tell = lambda *given: well(*given).replace(b"111122223333", b"../../etc")
""",
        )


def test_an_option_says_whether_they_are_caged_before_all_else(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODMD_ISOLATION", "off")
    assert read_settings().isolation is Isolation.OFF
    assert read_settings(isolation=Isolation.REQUIRED).isolation is Isolation.REQUIRED
    (machine.org / "org.py").write_text(HEAD + "found = str('AWS_SECRET_ACCESS_KEY' in os.environ)" + ACME)
    where = ["--contracts", f"{machine.org}/org.py:acme", "--format", "json"]
    for words, seen in ((["--isolation", "required"], "False"), ([], "True")):
        done = CliRunner().invoke(app, ["graph", *where, *words])
        assert done.exit_code == 0, done.output
        assert f'"about": "{seen}"' in done.output


def test_links_and_the_state_are_not_beside_them(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)  # contracts read what it names, too
    seen = surroundings(f"{machine.org}/org.py:acme", Path(), machine.org / "state")
    assert [one.name for one in seen.reads] == []
    (machine.org / "org.py").write_text("")
    (machine.org / "state").mkdir()
    seen = surroundings(f"{machine.org}/org.py:acme", Path(), machine.org / "state")
    assert [one.name for one in seen.reads] == ["org.py"]


def test_contracts_in_the_home_folder_are_refused(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Want to be loaded from where everything is."""
    monkeypatch.setenv("HOME", str(machine.org / "home"))
    with pytest.raises(ContractsTooOpen):
        machine.load("found = ''")


def test_their_kinds_read_values_in_the_cage(machine: Machine) -> None:
    """Wants a published value to run code where the credentials are."""
    kind = machine.load("found = ''").kinds["org:Name"]
    assert kind.parse("abc").text() == "abc"
    with pytest.raises(NotOfKind, match=r"'A1' is no Name: expected a text that matches \[a-z\]\+"):
        kind.parse("A1")


def test_a_kind_that_never_answers_is_asked_anew(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "ANSWER_SECONDS", 0.3)
    own = """
def parse(text):
    while text == "loop": pass
    if text == "end": os._exit(0)
    return Name(text)
Name.parse = parse
"""
    kind = machine.load("found = ''", own).kinds["org:Name"]
    for text in ("loop", "end"):
        with pytest.raises(KindSilent):
            kind.parse(text)
        assert kind.parse("abc").identity() == "abc"


def test_their_process_ends_when_nobody_needs_it(machine: Machine) -> None:
    def at_work() -> list[psutil.Process]:
        return [one for one in psutil.Process().children(recursive=True) if one.name().startswith("bwrap")]

    errand = Errand(f"{machine.org}/org.py:acme", "/")
    (machine.org / "org.py").write_text(HEAD + "found = ''" + ACME.replace("Produces[Name]", "Produces[EventBus[str]]"))
    before = len(at_work())
    load_apart(errand, find_cage(Isolation.REQUIRED), surroundings(errand.where, Path(), machine.org / ".odmd"))
    until(lambda: len(at_work()) <= before)


def test_without_a_cage_they_are_bounded_and_believed_no_more(machine: Machine, in_a_hurry: None) -> None:
    (machine.org / "org.py").write_text("import os\nos.fork()\nwhile True: pass")
    errand = Errand(f"{machine.org}/org.py:acme", "/")
    with pytest.raises(ContractsBoundless):
        load_apart(errand, UNCAGED, surroundings(errand.where, Path(), machine.org / ".odmd"))
