"""Which files of the contracts are not as they are committed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from odmd.bootstrap.contracts import load_contracts_again
from odmd.bootstrap.settings import read_settings
from odmd.bootstrap.uncommitted import uncommitted

CONTRACTS = """
from pathlib import Path
from odmd.model import *
from odmd.model.kinds import EventBus
from words import TEAM
team, dev = Team(TEAM), Stage("dev", Account("dev", "111122223333"), "us-west-1")
class Orders(CdkEnver, build=Build("orders", Repo("acme/orders", team))):
    bus: Produces[EventBus[str]] = produced("what happens", external=True)
acme = Organisation("acme", central=dev.account, envers=[Orders(on=Branch("main"), at=dev)])
"""
WORDS = "TEAM = 'kitchen'\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a module beside it; and a package with the same."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "lib"), *sys.path])
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    for path, text in {
        "org/contracts.py": CONTRACTS,
        "org/words.py": WORDS,
        "org/other.txt": "nothing of the contracts",
        "lib/corner_shop/__init__.py": "",
        "lib/corner_shop/envers.py": CONTRACTS.replace("from words", "from .words"),
        "lib/corner_shop/words.py": WORDS,
        ".gitignore": "__pycache__\nignored.py\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def git(root: Path, *words: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True)


def committed(root: Path) -> None:
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", "all")


def found(where: str = "org/contracts.py:acme") -> tuple[str, ...]:
    settings = read_settings(where)
    return uncommitted(settings, load_contracts_again(settings))


def test_where_no_git_keeps_them_there_is_nothing_to_say(root: Path) -> None:
    assert found() == ()


def test_before_the_first_commit_there_is_nothing_to_compare_with(root: Path) -> None:
    git(root, "init", "--quiet")
    assert found() == ()


def test_what_is_committed_is_clean_whatever_else_is_not(root: Path) -> None:
    committed(root)
    (root / "org" / "other.txt").write_text("changed")
    assert found() == found("corner_shop.envers:acme") == ()


@pytest.mark.parametrize("staged", [True, False])
def test_the_file_and_what_it_loads_from_beside(root: Path, staged: bool) -> None:
    committed(root)
    (root / "org" / "contracts.py").write_text(CONTRACTS + "# more")
    (root / "org" / "words.py").write_text(WORDS + "# more")
    if staged:
        git(root, "add", "--all")
    assert found() == ("org/contracts.py", "org/words.py")


def test_a_package_is_all_that_is_in_its_folder(root: Path) -> None:
    (root / "lib" / "corner_shop" / "old.py").write_text("")
    committed(root)
    (root / "lib" / "corner_shop" / "old.py").unlink()
    (root / "lib" / "corner_shop" / "words.py").write_text(WORDS + "# more")
    (root / "lib" / "corner_shop" / "naïve name.py").write_text("")
    (root / "lib" / "corner_shop" / "ignored.py").write_text("")
    names = [f"lib/corner_shop/{name}.py" for name in ("naïve name", "old", "words")]
    assert list(found("corner_shop.envers:acme")) == names


def test_contracts_that_git_ignores_are_as_if_outside(root: Path) -> None:
    (root / ".gitignore").write_text("org\n__pycache__\n")
    committed(root)
    assert found() == ()
