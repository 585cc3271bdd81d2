"""A server's problems as the errors that they were there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from odmd.errors import (
    ContractsUnsound,
    Diagnostic,
    Failed,
    OdmdError,
    ServerBusy,
    ServerMisunderstood,
    Severity,
)


@dataclass(frozen=True)
class _ToldProblem:
    code: str
    fact: str
    next_step: str = ""
    severity: Severity = Severity.ERROR


@dataclass(frozen=True)
class _Problem:
    code: str
    detail: str
    next_step: str = ""
    request: str = ""
    diagnostics: tuple[_ToldProblem, ...] = ()


def error_of(status: int, body: bytes) -> OdmdError:
    """The error that the server answered with; another one where that is no answer of this API."""
    try:
        problem = TypeAdapter(_Problem).validate_json(body)
    except ValidationError:
        if status in (429, 503):
            return ServerBusy(f"the server is busy (status {status})", next_step="try again in a moment")
        said = body[:200].decode("utf-8", "replace")
        return ServerMisunderstood(
            f"what answers there is no odmd server, or is of another release: status {status}, {said!r}",
            next_step="check --server",
        )
    if problem.code == ContractsUnsound.code:
        told = problem.diagnostics
        return ContractsUnsound([Diagnostic(one.code, one.fact, None, one.next_step, one.severity) for one in told])
    known = _by_code().get(problem.code)
    if known is None:
        return Failed(f"{problem.code} {problem.detail}", next_step=problem.next_step)
    return known(problem.detail, next_step=problem.next_step)


@cache
def _by_code() -> Mapping[str, type[Any]]:
    found: dict[str, type[Any]] = {}
    todo: list[type[OdmdError]] = [OdmdError]
    for error in todo:
        todo.extend(error.__subclasses__())
        if error.code != OdmdError.code:
            found[error.code] = error
    return {OdmdError.code: Failed, **found}
