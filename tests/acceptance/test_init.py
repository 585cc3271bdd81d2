"""From nothing to a deployed organisation, by the commands of docs/guides/first-organisation.md."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.soak import soak_only

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "first-organisation.md").read_text()
GIT = {f"GIT_{who}_{what}": "tests@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


class Machine:
    """A user's: a virtual environment that has odmd, and a folder to work in."""

    def __init__(self, root: Path, environment: dict[str, str] | None = None) -> None:
        self.work = root / "work"
        self.work.mkdir()
        venv.create(root / "venv", with_pip=False, symlinks=True)
        self.bin = root / "venv" / "bin"
        site = Path(sysconfig.get_path("purelib", vars={"base": str(root / "venv")}))
        (site / "odmd-of-the-tests.pth").write_text(
            f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
        )
        for package in ("jsii", "constructs", "aws_cdk"):  # what is unpacked once for all apps has to be there itself
            (site / package).symlink_to(Path(sysconfig.get_path("purelib")) / package)
        self._script("odmd", 'exec python -m odmd "$@"')
        install = f"{sys.executable} -m uv pip install -q --python {self.bin}/python --no-deps -e ."
        self._script("pip", f'[ "$1" = install ] && exec {install}')
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("AWS_", "ODMD_", "PYTHON"))}
        self.environ = {**kept, **GIT, **(environment or {}), "VIRTUAL_ENV": str(root / "venv")}
        self.environ |= {"PATH": f"{self.bin}:{os.environ['PATH']}", "GIT_CONFIG_GLOBAL": os.devnull}

    def _script(self, name: str, line: str) -> None:
        (self.bin / name).write_text(f"#!/bin/sh\n{line}\n")
        (self.bin / name).chmod(0o755)

    def run(self, line: str, folder: str = ".") -> subprocess.CompletedProcess[str]:
        """What a user types, in a shell."""
        return subprocess.run(
            ["sh", "-ec", line],
            cwd=self.work / folder,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=300,
        )

    def do(self, line: str, folder: str = ".") -> str:
        done = self.run(line, folder)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def console_blocks() -> Sequence[str]:
    """The shell commands of the guide, block by block, without the emulator's terminal."""
    blocks = re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL)
    return ["\n".join(line[2:] for line in block.splitlines() if line.startswith("$ ")) for block in blocks]


def edits() -> Iterator[tuple[str, str, str]]:
    """The guide's edits: of which file, which lines become which."""
    for file, text in re.findall(r"In `([\w/.]+)`[^\n]*:\n\n```diff\n(.*?)```", GUIDE, re.DOTALL):
        for hunk in text.split("\n\n"):
            lines = hunk.splitlines()
            before, after = ("\n".join(line[1:] for line in lines if line[:1] in (mark, " ")) for mark in "-+")
            yield file, before, after


@soak_only
def test_the_guide_leads_to_services_that_run(tmp_path: Path, emulator: Emulator, target: Target) -> None:
    machine = Machine(tmp_path, dict(emulator.environment(Target(target.account, "us-west-1"))))
    made, checked, applied, second, applied_again = console_blocks()
    machine.do(made.replace("111122223333", target.account))
    machine.do(checked, "acme")
    machine.do(applied, "acme")
    runs = json.loads(machine.do("odmd status --json", "acme"))
    assert "hello" in json.dumps(runs)
    values = machine.do("odmd values --json", "acme")
    assert "hello-main-events" in values

    machine.do(second, "acme")
    for file, before, after in edits():
        path = machine.work / "acme" / file
        text = path.read_text()
        assert text.count(before) == 1, (file, before)
        path.write_text(text.replace(before, after))
    said = machine.do("odmd diff --contracts main", "acme")
    (shown,) = re.findall(r"```text\n\$ odmd diff --contracts main\n(.*?)```", GUIDE, re.DOTALL)
    assert said == shown.replace("111122223333", target.account)
    machine.do(applied_again, "acme")
    assert "kitchen" in machine.do("odmd status", "acme")
    assert "nothing to do" in machine.do("odmd plan", "acme")


def test_what_it_writes_is_clean(machine: Machine) -> None:
    machine.do("odmd init cafe && cd cafe && odmd init --service order-manager --team baristas")
    for command in (
        f"{sys.executable} -m mypy --python-executable {machine.bin}/python",
        f"{sys.executable} -m pyright --pythonpath {machine.bin}/python",
        f"{sys.executable} -m ruff check --isolated --select I --line-length 120 src tests",
        f"{sys.executable} -m ruff check --isolated --select E,F,N,UP,B --line-length 120 .",
        f"{sys.executable} -m ruff check --isolated --select D1 --ignore D107 --exclude tests .",
        f"{sys.executable} -m ruff format --isolated --line-length 120 --check .",
    ):
        machine.do(command, "cafe")


def test_the_working_folder_may_become_the_organisation(machine: Machine) -> None:
    machine.do("mkdir Corner-Cafe && cd Corner-Cafe && git init -q && odmd init")
    assert (machine.work / "Corner-Cafe" / "src" / "corner_cafe" / "services" / "hello.py").is_file()


def test_nothing_is_overwritten(machine: Machine) -> None:
    machine.do("mkdir cafe && echo mine > cafe/README.md")
    done = machine.run("odmd init cafe")
    assert done.returncode == 1
    assert "ODMD111 README.md is there already in cafe" in done.stderr
    assert [file.name for file in (machine.work / "cafe").iterdir()] == ["README.md"]


def test_a_service_is_not_made_twice(machine: Machine) -> None:
    machine.do("odmd init cafe")
    before = (machine.work / "cafe" / "src" / "cafe" / "__init__.py").read_text()
    done = machine.run("odmd init --service hello", "cafe")
    assert done.returncode == 1
    assert "the contracts have a Hello already" in done.stderr
    assert (machine.work / "cafe" / "src" / "cafe" / "__init__.py").read_text() == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--name 'Corner Cafe'", "organisation 'Corner Cafe' must be small letters"),
        ("--name json", "there is a Python package json already"),
        ("--name rich", "there is a Python package rich already"),
        ("--service import", "is a word of Python"),
        ("--service event-bus", "odmd itself has a EventBus"),
        ("--service config", "not `config`"),
        ("--account 12", "account '12' must be 12 digits"),
        ("--region mars", "region 'mars' is not one of AWS"),
        ("--team ''", "team '' must be"),
    ],
)
def test_names_that_cannot_be_are_refused_with_a_next_step(machine: Machine, options: str, said: str) -> None:
    done = machine.run(f"odmd init cafe {options}")
    assert done.returncode == 1
    assert said in done.stderr
    assert "odmd init --help" in done.stderr
    assert not (machine.work / "cafe").exists()


def test_contracts_that_are_arranged_otherwise_are_left_alone_and_the_lines_to_add_are_said(machine: Machine) -> None:
    machine.do("odmd init cafe")
    file = machine.work / "cafe" / "src" / "cafe" / "__init__.py"
    changed = re.sub(r"envers=\[.*?\]", "envers=everybody()", file.read_text(), flags=re.DOTALL)
    file.write_text(
        changed.replace("organisation =", "def everybody() -> list[Hello]:\n    return [hello]\n\n\norganisation =")
    )
    said = machine.do("odmd init --service kitchen", "cafe")
    assert "from cafe.services.kitchen import Kitchen" in said
    assert "kitchen = Kitchen(on=main, at=dev)" in said
    assert "Kitchen" not in file.read_text()


@pytest.mark.parametrize(
    ("listed", "wanted"),
    [
        ("envers=[hello]", "envers=[hello, kitchen]"),
        ("envers=[hello,]", "envers=[hello, kitchen,]"),
        ("envers=[\n    hello\n]", "envers=[\n    hello,\n    kitchen,\n]"),
        ("envers=[\n    hello,  # é\n]", "envers=[\n    hello,  # é\n    kitchen,\n]"),
    ],
)
def test_a_service_finds_its_place_in_any_list(machine: Machine, listed: str, wanted: str) -> None:
    machine.do("odmd init cafe")
    file = machine.work / "cafe" / "src" / "cafe" / "__init__.py"
    file.write_text(re.sub(r"envers=\[.*?\]", listed, file.read_text(), flags=re.DOTALL))
    machine.do("odmd init --service kitchen", "cafe")
    assert wanted in file.read_text()


def test_a_service_needs_an_organisation(machine: Machine) -> None:
    done = machine.run("odmd init --service kitchen")
    assert done.returncode == 1
    assert "odmd init FOLDER --service kitchen" in done.stderr


def test_at_a_terminal_what_is_missing_is_asked_for(machine: Machine) -> None:
    ours, theirs = pty.openpty()
    command = [str(machine.bin / "python"), "-m", "odmd", "init", "cafe", "--region", "eu-west-1"]
    with subprocess.Popen(
        command, cwd=machine.work, env=machine.environ, stdin=theirs, stdout=theirs, stderr=theirs
    ) as asking:
        os.close(theirs)
        os.write(ours, b"\nbar\n\n444455556666\n")
        said = b""
        while asking.poll() is None or b"odmd apply" not in said:
            try:
                said += os.read(ours, 4096)
            except OSError:
                break
    os.close(ours)
    assert b"Organisation [cafe]" in said
    assert b"AWS region" not in said
    wired = (machine.work / "cafe" / "src" / "cafe" / "__init__.py").read_text()
    assert '"444455556666"' in wired
    assert '"eu-west-1"' in wired
    assert "bar = Bar(on=main, at=dev)" in wired
