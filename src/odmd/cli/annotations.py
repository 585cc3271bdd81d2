"""Diagnostics in the forms that CI systems show beside the code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from odmd import __version__
from odmd.errors import Diagnostic, Place

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def github(found: Iterable[Diagnostic]) -> Iterator[str]:
    """Workflow commands: https://docs.github.com/actions/reference/workflow-commands-for-github-actions"""
    for one in found:
        where = f"file={_property(_file(one.place))},line={one.place.line}," if one.place else ""
        text = f"{one.fact}\n{one.next_step}" if one.next_step else one.fact
        yield f"::{one.severity} {where}title={_property(one.code)}::{_data(text)}"


def sarif(found: Iterable[Diagnostic]) -> Mapping[str, Any]:
    """One run in SARIF 2.1.0, as code scanning takes it."""
    diagnostics = list(found)
    rules = [{"id": code} for code in sorted({one.code for one in diagnostics})]
    tool = {"driver": {"name": "odmd", "version": __version__, "rules": rules}}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": tool, "results": list(map(_result, diagnostics))}],
    }


def _result(one: Diagnostic) -> Mapping[str, Any]:
    text = f"{one.fact}: {one.next_step}" if one.next_step else one.fact
    result: dict[str, Any] = {"ruleId": one.code, "level": str(one.severity), "message": {"text": text}}
    if one.place:
        artifact = {"uri": _file(one.place)}
        result["locations"] = [
            {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": one.place.line}}}
        ]
    return result


def _file(place: Place) -> str:
    """The path from the working folder, as both forms want it."""
    path = Path(place.file)
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else path.as_posix()


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
