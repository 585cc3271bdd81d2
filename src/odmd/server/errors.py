"""Errors as problem+json (RFC 9457): the code, the fact and the next step that a command would print."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from odmd.errors import (
    ClaimNotYours,
    ContractsNotLoaded,
    ContractsUnsound,
    Diagnostic,
    DocumentUnknown,
    EnverUnknown,
    Failed,
    FailedForNow,
    Invalid,
    KeyReused,
    LayerUnknown,
    NotAllowed,
    NotAllVisible,
    NothingRan,
    NothingThere,
    NotSignedIn,
    NotTheApprover,
    OdmdError,
    PositionUnknown,
    ProofRefused,
    QuotaExceeded,
    Refused,
    ReportsUnknown,
    RequestInvalid,
    RequestTooLarge,
    ServerBusy,
    SessionUnknown,
    SettingsInvalid,
    StageUnknown,
    StateUnreadable,
    TeamUnknown,
    TokenUnknown,
    TrailRefused,
    WebhookUnsigned,
    WhereUnknown,
    WriteUnmarked,
)
from odmd.plain import placed

LOGGER: Final = logging.getLogger("odmd.server")
MEDIA_TYPE: Final = "application/problem+json"
_TYPES: Final = "urn:odmd:error"
_LISTED: Final = 20
_LONGEST_REASON: Final = 500

_STATUS: Final[Sequence[tuple[type[OdmdError], HTTPStatus]]] = (
    (NotSignedIn, HTTPStatus.UNAUTHORIZED),
    (ProofRefused, HTTPStatus.UNAUTHORIZED),
    (WebhookUnsigned, HTTPStatus.UNAUTHORIZED),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (NotAllVisible, HTTPStatus.FORBIDDEN),
    (NotTheApprover, HTTPStatus.FORBIDDEN),
    (ClaimNotYours, HTTPStatus.FORBIDDEN),
    (WriteUnmarked, HTTPStatus.FORBIDDEN),
    (EnverUnknown, HTTPStatus.NOT_FOUND),
    (TrailRefused, HTTPStatus.NOT_FOUND),
    (NothingRan, HTTPStatus.NOT_FOUND),
    (DocumentUnknown, HTTPStatus.NOT_FOUND),
    (ReportsUnknown, HTTPStatus.NOT_FOUND),
    (WhereUnknown, HTTPStatus.NOT_FOUND),
    (TeamUnknown, HTTPStatus.NOT_FOUND),
    (StageUnknown, HTTPStatus.NOT_FOUND),
    (NothingThere, HTTPStatus.NOT_FOUND),
    (TokenUnknown, HTTPStatus.NOT_FOUND),
    (SessionUnknown, HTTPStatus.NOT_FOUND),
    (LayerUnknown, HTTPStatus.NOT_FOUND),
    (RequestTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (QuotaExceeded, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (ContractsNotLoaded, HTTPStatus.CONFLICT),
    (ContractsUnsound, HTTPStatus.CONFLICT),
    (SettingsInvalid, HTTPStatus.CONFLICT),
    (KeyReused, HTTPStatus.UNPROCESSABLE_ENTITY),
    (PositionUnknown, HTTPStatus.GONE),
    (StateUnreadable, HTTPStatus.SERVICE_UNAVAILABLE),
    (FailedForNow, HTTPStatus.SERVICE_UNAVAILABLE),
    (Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Refused, HTTPStatus.CONFLICT),
    (Failed, HTTPStatus.BAD_GATEWAY),
)
"""The first that fits. What is wrong with the contracts is not wrong with the request."""


def status_of(error: OdmdError) -> HTTPStatus:
    """The HTTP status of an error."""
    return next((status for type_, status in _STATUS if isinstance(error, type_)), HTTPStatus.INTERNAL_SERVER_ERROR)


def problem(error: OdmdError, request: str, status: int | None = None) -> Response:
    """What the caller is told; `request` is the id under which the server's log has more."""
    shown = _without_paths(error)
    status = status or status_of(error)
    body = {
        "type": f"{_TYPES}:{shown.code}",
        "title": (type(shown).__doc__ or "").partition("\n")[0],
        "status": int(status),
        "detail": shown.fact,
        "code": shown.code,
        "next_step": shown.next_step,
        "request": request,
        "diagnostics": [_diagnostic(one) for one in shown.diagnostics()],
    }
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, NotSignedIn) else {}
    headers |= {"Retry-After": "1"} if shown.retryable else {}
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def broken(wrong: Exception, request: str) -> Response:
    """Our own mistake: the log has it all, the caller the request's id."""
    LOGGER.error("request %s: odmd itself is at fault", request, exc_info=wrong)
    fact = "odmd itself is at fault"
    return problem(OdmdError(fact, next_step=f"the server's log tells more of request {request}"), request)


def handle_errors(app: FastAPI) -> None:
    """Makes the app answer every error with a problem."""
    app.add_exception_handler(OdmdError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _of_nobody)


def request_id(request: Request) -> str:
    """The id that the guard gave the request."""
    return str(cast("Mapping[str, object]", request.scope.get("state", {})).get("request", "-"))


async def _of_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, OdmdError)  # noqa: S101  # Starlette's handlers take any exception
    if isinstance(error, (StateUnreadable, ServerBusy)):
        LOGGER.warning("request %s: %s %s", request_id(request), error.code, error.fact)
    if isinstance(error, ProofRefused):
        LOGGER.warning("request %s: no session: %s", request_id(request), str(error.__cause__)[:_LONGEST_REASON])
    return problem(error, request_id(request))


async def _of_nobody(request: Request, error: Exception) -> Response:
    return broken(error, request_id(request))


async def _of_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    facts = [placed(one) for one in cast("Sequence[Mapping[str, object]]", error.errors())[:_LISTED]]
    wrong = RequestInvalid("; ".join(facts), next_step="/api/v1/openapi.json says what the API takes")
    return problem(wrong, request_id(request))


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            wrong: OdmdError = NothingThere("there is nothing here", next_step="/api/v1/openapi.json lists what is")
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            wrong = RequestTooLarge("the body is larger than 1 MB")
        case _:
            wrong = RequestInvalid(str(error.detail))
    answer = problem(wrong, request_id(request), error.status_code)
    answer.headers.update(error.headers or {})
    return answer


def _without_paths(error: OdmdError) -> OdmdError:
    """What a caller may know of the machine: not where its files are."""
    if not isinstance(error, StateUnreadable):
        return error
    reason = error.fact.partition(": ")[2] or "it cannot be read"
    return ServerBusy(f"the server's database cannot be used now: {reason}", next_step="tell whoever runs the server")


def _diagnostic(one: Diagnostic) -> Mapping[str, object]:
    place = str(one.place).rpartition("/")[2] if one.place else None
    return {
        "code": one.code,
        "fact": one.fact,
        "place": place,
        "next_step": one.next_step,
        "severity": one.severity.value,
    }
