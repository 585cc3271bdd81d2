"""The names of a new organisation or service, and what follows from them."""

from __future__ import annotations

import importlib.util
import keyword
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from odmd import model
from odmd.errors import InitRefused
from odmd.model import kinds

FIRST_SERVICE: Final = "hello"
TEAM: Final = "platform"
ACCOUNT: Final = "111122223333"
REGION: Final = "us-east-1"
_NAME: Final = re.compile(r"(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")
_LIKE: Final = "small letters and digits, with single - between, at most 40, a letter first"
_KEPT: Final = frozenset({"main", "dev", "workloads", "organisation"})
"""What a new organisation's first module calls other things."""


@dataclass(frozen=True, slots=True)
class Names:
    """Everything that templates name."""

    organisation: str
    package: str
    service: str
    team: str
    team_variable: str
    account: str = ACCOUNT
    region: str = REGION

    @property
    def module(self) -> str:
        return python_name(self.service)

    @property
    def cls(self) -> str:
        return "".join(part.capitalize() for part in self.service.split("-"))

    @property
    def repo(self) -> str:
        return f"{self.organisation}/{self.service}"

    def words(self) -> Mapping[str, str]:
        """What stands in the templates."""
        return {
            "organisation": self.organisation,
            "package": self.package,
            "service": self.service,
            "module": self.module,
            "cls": self.cls,
            "repo": self.repo,
            "team": self.team,
            "team_variable": self.team_variable,
            "account": self.account,
            "region": self.region,
        }


def python_name(name: str) -> str:
    """`order-manager` as a Python name."""
    return name.replace("-", "_")


def refuse_wrong_names(names: Names, folder: Path | None = None, kept: frozenset[str] = _KEPT) -> None:
    """All that is wrong with them, at once.

    Args:
        folder: of a new organisation, whose package may not hide another one.
        kept: names that the contracts' first module uses already.

    Raises:
        InitRefused: says what.
    """
    found = [*_wrong_service(names, kept), *(_wrong_organisation(names, folder) if folder else ())]
    if not _NAME.fullmatch(names.team) or keyword.iskeyword(names.team_variable) or names.team_variable == "Team":
        found.append(f"team {names.team!r} must be {_LIKE}, and no word of Python")
    if found:
        raise InitRefused("; ".join(found), next_step="give other names: see odmd init --help")


def _wrong_organisation(names: Names, folder: Path) -> Iterator[str]:
    if not _NAME.fullmatch(names.organisation):
        yield f"organisation {names.organisation!r} must be {_LIKE} (--name)"
    elif keyword.iskeyword(names.package) or _is_elsewhere(names.package, folder):
        yield f"organisation {names.organisation!r}: there is a Python package {names.package} already (--name)"
    if not _ACCOUNT.fullmatch(names.account):
        yield f"account {names.account!r} must be 12 digits"
    if not _REGION.fullmatch(names.region):
        yield f"region {names.region!r} is not one of AWS"


def _is_elsewhere(package: str, folder: Path) -> bool:
    if package in sys.stdlib_module_names:
        return True
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return False
    return not Path(spec.origin).resolve().is_relative_to(folder.resolve())


def _wrong_service(names: Names, kept: frozenset[str]) -> Iterator[str]:
    if not _NAME.fullmatch(names.service) or names.service == "config":
        yield f"service {names.service!r} must be {_LIKE}, and not `config`"
    elif keyword.iskeyword(names.module) or keyword.iskeyword(names.cls):
        yield f"service {names.service!r} is a word of Python"
    elif hasattr(model, names.cls) or hasattr(kinds, names.cls):
        yield f"service {names.service!r}: odmd itself has a {names.cls}"
    elif taken := sorted({names.module, names.cls} & kept):
        yield f"service {names.service!r}: the contracts have a {taken[0]} already"
