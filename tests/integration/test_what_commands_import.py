"""Who types a command waits for what it needs, and for nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

_HEAVY = ("pydantic", "rich.markdown", "sqlalchemy", "dbos", "boto3", "httpx", "odmd.plan", "odmd.store.database")
_TOLD = "import sys, atexit; from odmd.cli import main; "
_TOLD += "atexit.register(lambda: print(*sys.modules, file=sys.stderr)); main()"


def _imported(*words: str) -> set[str]:
    done = subprocess.run(
        (sys.executable, "-c", _TOLD, *words), capture_output=True, text=True, check=True, timeout=120
    )
    return set(done.stderr.split())


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (("--help",), ("rich.console", "odmd.graph", "odmd.cli.check")),
        (("check",), ()),
        (("check", "--contracts", "coffee_shop:organisation"), ()),
    ],
    ids=["the list of commands", "check", "check of what is named"],
)
def test_a_command_imports_nothing_that_it_does_not_use(words: tuple[str, ...], more: tuple[str, ...]) -> None:
    assert not _imported(*words) & {*_HEAVY, *more}
