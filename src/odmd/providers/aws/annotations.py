"""What the app's constructs say of themselves: errors and warnings, as `cdk deploy` prints them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from odmd.errors import AppObjects, FileUnfit
from odmd.foreign import read_json

_ERROR: Final = "aws:cdk:error"
_WARNING: Final = "aws:cdk:warning"
_SHOWN: Final = 10
_REPORT: Final = "validation-report.json"


def warnings(metadata: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What artifacts warn of, each with its construct."""
    yield from _said(metadata, _WARNING)


def refuse_errors(metadata: Iterable[Mapping[str, Any]]) -> None:
    """Refuses what the app itself calls wrong.

    Raises:
        AppObjects
    """
    if errors := list(_said(metadata, _ERROR)):
        raise _objects(errors)


def refuse_violations(folder: Path) -> None:
    """Refuses what the app's own policies (cdk-nag and others) found wrong, when they ended its synthesis.

    Raises:
        AppObjects
    """
    if errors := list(_violations(folder)):
        raise _objects(errors)


def _objects(errors: Sequence[str]) -> AppObjects:
    more = f"; and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
    return AppObjects(
        f"the app says that it is wrong: {'; '.join(errors[:_SHOWN])}{more}",
        next_step="mend it, or suppress the rule where the app has it checked",
    )


def _violations(folder: Path) -> Iterator[str]:
    """Of a report that cannot be read there is nothing to say but what the app printed."""
    try:
        report = cast("dict[str, Any]", read_json(folder / _REPORT, within=folder))
        for plugin in report["pluginReports"]:
            for found in plugin["violations"] if plugin["conclusion"] == "failure" else ():
                if found.get("severity") not in ("warning", "info"):
                    where = ", ".join(one["constructPath"] for one in found["violatingConstructs"])
                    yield f"{where}: {found['description']} [{plugin['pluginName']}::{found['ruleName']}]"
    except (OSError, ValueError, KeyError, TypeError, AttributeError, FileUnfit):
        return


def _said(metadata: Iterable[Mapping[str, Any]], type: str) -> Iterator[str]:
    for construct, entries in (item for one in metadata for item in one.items()):
        for entry in entries:
            if entry["type"] == type:
                yield f"{construct}: {entry.get('data', '')}"
