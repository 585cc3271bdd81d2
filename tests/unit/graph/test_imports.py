"""A user's contracts file is run so that it hurts nobody, and whatever it does is told with its place."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from odmd.errors import ContractsNotLoaded, TextUnfit
from odmd.graph import Loaded, imports, load_organisation
from support.workbench import CONTRACTS


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))


def load(folder: Path, text: str, name: str = "org.py", **beside: str) -> Loaded:
    for other, said in {name: text, **{f"{one}.py": said for one, said in beside.items()}}.items():
        (folder / other).parent.mkdir(exist_ok=True)
        (folder / other).write_text(said)
    return load_organisation(f"{name}:acme", folder)


def refused(folder: Path, text: str, name: str = "org.py", **beside: str) -> ContractsNotLoaded:
    with pytest.raises(ContractsNotLoaded) as wrong:
        load(folder, text, name, **beside)
    return wrong.value


@pytest.mark.parametrize(
    ("text", "fact", "line"),
    [
        ("raise OSError(7, 'Argument list too long')", "OSError: [Errno 7] Argument list too long", 1),
        ("raise MemoryError", "the contracts take more memory than they may", 1),
        ("raise TypeError('no')", "TypeError: no", 1),
        ("\nraise GeneratorExit", "GeneratorExit", 2),
        ("class Odd(BaseException): pass\nraise Odd('x')", "Odd: x", 2),
        ("class Odd(Exception):\n  def __str__(self): return 1 / 0\nraise Odd", "Odd", 3),
        ("def __getattr__(name):\n  raise OSError(name)", "OSError: acme", 2),
        ("def again(): again()\nagain()", "RecursionError: maximum recursion depth exceeded", 1),
        ("acme = type('A', (), {'__repr__': lambda _: 1 / 0})()", "org.py:acme is no Organisation, but a A", 0),
        ("x = (" + "-" * 100_000 + "1)", "the contracts take more memory than they may", 0),
    ],
)  # fmt: skip
def test_whatever_contracts_raise_is_theirs(tmp_path: Path, text: str, fact: str, line: int) -> None:
    wrong = refused(tmp_path, text)
    assert wrong.fact == fact
    assert (wrong.place.line if wrong.place else 0) == line
    assert wrong.next_step


def test_contracts_that_never_end_are_ended_at_their_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "LONGEST_SECONDS", 0.1)
    wrong = refused(tmp_path, "n = 0\nwhile True:\n    try:\n        n += 1\n    except Exception:\n        pass\n")
    assert wrong.fact == "the contracts are not loaded after 0.1 s"
    assert wrong.place is not None
    assert wrong.place.line in (2, 3, 4)


@pytest.mark.parametrize("name", ["random.py", "json.py", "types.py", "pytest.py"])
def test_contracts_may_be_called_as_a_module_that_is_there(tmp_path: Path, name: str) -> None:
    module = name.removesuffix(".py")
    before = sys.modules[module]
    assert load(tmp_path, CONTRACTS, name).organisation.name == "acme"
    assert sys.modules[module] is before


def test_an_init_file_is_its_package(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "envers.py").write_text(CONTRACTS)
    loaded = load(tmp_path, "from .envers import acme", "shop/__init__.py")
    assert len(loaded.declared) == len(tuple(loaded.organisation.envers)) == 3


def test_modules_beside_are_found_and_take_nobodys_place(tmp_path: Path) -> None:
    sys.modules.pop("calendar", None)
    beside = {"words": "WHO = 'kitchen'", "calendar": "raise SystemExit"}
    loaded = load(tmp_path, f"from words import WHO\n{CONTRACTS}", **beside)
    assert loaded.organisation.name == "acme"
    import calendar

    assert calendar.MONDAY == 0


def test_a_module_beside_that_is_hidden_is_named(tmp_path: Path) -> None:
    wrong = refused(tmp_path, f"from calendar import SHIFTS\n{CONTRACTS}", calendar="SHIFTS = 3")
    assert wrong.next_step.startswith(f"give {tmp_path / 'calendar.py'} another name")
    wrong = refused(tmp_path, f"import random\nrandom.shifts()\n{CONTRACTS}", random="def shifts(): pass")
    assert wrong.next_step.startswith(f"give {tmp_path / 'random.py'} another name")


def test_what_is_no_file_to_read_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "circle.py").symlink_to("circle.py")
    for name in ("pipe.py", "folder.py", "circle.py", "nothing.py", "x" * 5000 + ".py", "a\0b.py"):
        with pytest.raises(ContractsNotLoaded, match="there is no file"):
            load_organisation(f"{name}:acme", tmp_path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "org.py").open("wb") as file:
        file.truncate(2_000_000_000)
    with pytest.raises(ContractsNotLoaded, match="has 2000 MB"):
        load_organisation("org.py:acme", tmp_path)


@pytest.mark.parametrize("text", [b"\xff\xfe", b"x = '\xff'", b"x = 1\0", b"# -*- coding: nonsense -*-\n"])
def test_what_is_no_python_is_a_syntax_error(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "org.py").write_bytes(text)
    with pytest.raises(ContractsNotLoaded, match="syntax error"):
        load_organisation("org.py:acme", tmp_path)


@pytest.mark.parametrize("where", [".x:acme", "a..b:acme", ":acme", "a-b:acme", "\udcff:acme", "a\0:acme"])
def test_what_names_no_module_is_refused(tmp_path: Path, where: str) -> None:
    with pytest.raises(ContractsNotLoaded):
        load_organisation(where, tmp_path)


def test_a_text_with_half_of_a_character_is_refused_at_its_line(tmp_path: Path) -> None:
    with pytest.raises(TextUnfit) as wrong:
        load(tmp_path, CONTRACTS.replace('Branch("main")', r'Branch("ma\udcffin")'))
    assert wrong.value.place is not None
    assert wrong.value.place.line == 21
