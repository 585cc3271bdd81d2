"""What is installed is what was pinned: each version with its hashes, and no address of where it comes from."""

from __future__ import annotations

import json
import re
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[3]
ENTRY = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)==\S+(?: ; [^\\\n]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})*)$", re.MULTILINE
)
PINS = (ROOT / "constraints.txt").read_text()
OURS = {"ondemandenv"} | {f"{name}-contracts" for name in ("coffee-shop", "reference-org", "payments-org", "tea-house")}
COMES_WITH_PYTHON = {"pip", "setuptools"}
LOCKS_OF_NPM = [
    lock
    for below in ("", "*/", "*/*/", "*/*/*/")
    for lock in ROOT.glob(f"{below}package-lock.json")
    if not any(part.startswith(".") or part == "node_modules" for part in lock.relative_to(ROOT).parts)
]


def test_each_pin_has_a_hash_and_nothing_else() -> None:
    assert ENTRY.sub("", PINS).strip() == ""
    assert [name for name, hashes in ENTRY.findall(PINS) if not hashes] == []


def test_all_that_is_installed_is_pinned() -> None:
    installed = {re.sub(r"[-_.]+", "-", one.name).lower() for one in distributions()}
    assert installed - OURS - COMES_WITH_PYTHON - {name for name, _ in ENTRY.findall(PINS)} == set()


def test_what_builds_our_packages_is_pinned() -> None:
    for project in (ROOT / "pyproject.toml", *ROOT.glob("examples/*/contracts/pyproject.toml")):
        assert 'requires = ["hatchling"]' in project.read_text(), project
    assert {"hatchling", "editables"} <= {name for name, _ in ENTRY.findall(PINS)}


def test_lock_files_of_npm_verify_and_say_no_address() -> None:
    assert LOCKS_OF_NPM
    for lock in LOCKS_OF_NPM:
        packages = json.loads(lock.read_text())["packages"]
        assert [
            one for one, said in packages.items() if one and not said.get("inBundle") and "integrity" not in said
        ] == [], lock
        assert [one for one, said in packages.items() if "resolved" in said] == [], lock
