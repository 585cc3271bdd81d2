"""What the app's constructs say of themselves: errors and warnings, as `cdk deploy` prints them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from odmd.errors import AppObjects

_ERROR: Final = "aws:cdk:error"
_WARNING: Final = "aws:cdk:warning"
_SHOWN: Final = 10


def warnings(metadata: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What artifacts warn of, each with its construct."""
    yield from _said(metadata, _WARNING)


def refuse_errors(metadata: Iterable[Mapping[str, Any]]) -> None:
    """Refuses what the app itself calls wrong.

    Raises:
        AppObjects
    """
    if errors := list(_said(metadata, _ERROR)):
        more = f"; and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
        raise AppObjects(
            f"the app says that it is wrong: {'; '.join(errors[:_SHOWN])}{more}",
            next_step="mend it, or suppress the rule where the app has it checked",
        )


def _said(metadata: Iterable[Mapping[str, Any]], type: str) -> Iterator[str]:
    for construct, entries in (item for one in metadata for item in one.items()):
        for entry in entries:
            if entry["type"] == type:
                yield f"{construct}: {entry.get('data', '')}"
