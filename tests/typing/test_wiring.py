"""What mypy and pyright, both strict, say about right and wrong contracts and apps."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GUIDES = ["contracts", "contracts-package", "packages", "adopting"]
RIGHT = ["right.py", "right_app.py", *(f"{name}_guide.py" for name in GUIDES)]
WRONG = ["wrong.py", "wrong_app.py"]
FILES = [str(HERE / name) for name in ("right.py", "right_app.py", *WRONG)]


@dataclass(frozen=True)
class Error:
    file: str
    line: int
    message: str


@dataclass(frozen=True)
class Mark:
    file: str
    line: int
    expected: str


def marks() -> list[Mark]:
    """The lines that say `# wrong: <regular expression>`."""
    lines = [(name, at, line) for name in WRONG for at, line in enumerate((HERE / name).read_text().split("\n"), 1)]
    found = [(name, at, re.search(r"# wrong: (.+)$", line)) for name, at, line in lines]
    return [Mark(name, at, match[1]) for name, at, match in found if match]


def guides(into: Path) -> list[str]:
    """The code of the guides that write contracts, a file for each."""
    files: list[str] = []
    for name in GUIDES:
        code = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "guides" / f"{name}.md").read_text(), re.DOTALL)
        (into / f"{name}_guide.py").write_text("# pyright: strict\n" + "\n".join(code))
        files.append(str(into / f"{name}_guide.py"))
    return files


def mypy(cache: Path, more: list[str]) -> list[Error]:
    flags = ["--output=json", "--config-file", str(HERE / "mypy.ini"), "--cache-dir", str(cache)]
    said = run(sys.executable, "-m", "mypy", *flags, *FILES, *more)
    errors = [json.loads(line) for line in said.splitlines()]
    return [Error(Path(e["file"]).name, e["line"], e["message"]) for e in errors if e["severity"] == "error"]


def pyright(more: list[str]) -> list[Error]:
    said = run(sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, *FILES, *more)
    errors = [e for e in json.loads(said)["generalDiagnostics"] if e["severity"] == "error"]
    return [Error(Path(e["file"]).name, e["range"]["start"]["line"] + 1, e["message"]) for e in errors]


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session", params=["mypy", "pyright"])
def errors(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Error]:
    more = guides(tmp_path_factory.mktemp("guides"))
    return mypy(request.config.cache.mkdir("mypy"), more) if request.param == "mypy" else pyright(more)


@pytest.mark.parametrize("name", RIGHT)
def test_right_contracts_and_apps_are_accepted(errors: list[Error], name: str) -> None:
    assert [error for error in errors if error.file == name] == []


@pytest.mark.parametrize("mark", marks(), ids=lambda mark: f"{mark.file}:{mark.line}")
def test_a_mistake_is_reported_on_its_line_in_readable_words(errors: list[Error], mark: Mark) -> None:
    said = [error.message for error in errors if (error.file, error.line) == (mark.file, mark.line)]
    beginnings = [" ".join(message.split("\n")[:2]) for message in said]
    assert any(re.search(mark.expected, beginning) for beginning in beginnings), said


@pytest.mark.parametrize("name", WRONG)
def test_nothing_else_is_reported(errors: list[Error], name: str) -> None:
    marked = {mark.line for mark in marks() if mark.file == name}
    assert [error for error in errors if error.file == name and error.line not in marked] == []


def test_right_contracts_run() -> None:
    assert "acme/payments" in str(runpy.run_path(str(HERE / "right.py"))["pay_repo"])
