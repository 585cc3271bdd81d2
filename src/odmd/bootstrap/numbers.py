"""Tables of whole numbers in the settings: `[tool.odmd.quotas]` and `[tool.odmd.app-limits]`."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar, cast

from odmd.errors import SettingsInvalid

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def read_numbers(made: type[T], said: object, table: str, where: str) -> T:
    """The numbers that are said, and the usual ones, each a field of a dataclass.

    Raises:
        SettingsInvalid
    """
    known = [field.name.replace("_", "-") for field in fields(made)]
    if not isinstance(said, dict):
        raise SettingsInvalid(f"{where}: [tool.odmd.{table}] must be a table of numbers")
    given = cast("dict[str, object]", said)
    wrong = [f"{name} = {value!r}" for name, value in given.items() if name not in known or not is_number(value)]
    if wrong:
        raise SettingsInvalid(
            f"{where}: [tool.odmd.{table}] {', '.join(wrong)}: it takes whole numbers, 1 or more",
            next_step=f"it has {', '.join(known)}",
        )
    return made(**{name.replace("-", "_"): value for name, value in given.items()})


def is_number(given: object) -> bool:
    """Whether it is a whole number, 1 or more."""
    return isinstance(given, int) and not isinstance(given, bool) and given > 0
