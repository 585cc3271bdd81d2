"""Envers: what runs, with which inputs, and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from odmd.control.reading.documents import DocumentView
from odmd.control.reading.verified import CheckView
from odmd.control.reading.views import Cause, Earlier, EnverView
from odmd.control.scheduler.may import Action
from odmd.model import naming
from odmd.server.models import LARGEST, Page
from odmd.server.rights import needs
from odmd.server.routes.common import After, Fresh, Limit, Served, page

router = APIRouter(prefix="/envers", tags=["envers"], dependencies=[Fresh])
Part = Annotated[str, Path(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f/]*$")]


@router.get("", dependencies=[needs(Action.READ)])
def list_envers(service: Served, request: Request, after: After = "", limit: Limit = 100) -> Page[EnverView]:
    """Every enver as recorded, by address."""
    return page(service.records.envers(after, limit), limit, request, lambda one: one.enver)


@router.get("/{build}/{slot}", dependencies=[needs(Action.READ)])
def get_enver(service: Served, build: Part, slot: Part) -> EnverView:
    """One enver: `orders@main` is build `orders`, slot `b..main`."""
    return service.records.enver(_label(build, slot))


@router.get("/{build}/{slot}/why", dependencies=[needs(Action.READ)])
def why(service: Served, build: Part, slot: Part) -> list[Cause]:
    """The chain of causes behind what it runs, or behind its waiting."""
    return list(service.records.why(_label(build, slot)))


@router.get("/{build}/{slot}/earlier", dependencies=[needs(Action.READ)])
def earlier(
    service: Served, build: Part, slot: Part, run: Annotated[int | None, Query(ge=1, le=LARGEST)] = None
) -> Earlier:
    """What a rollback would bring it back to: the given run, or the last one with other inputs."""
    return service.records.earlier(_label(build, slot), run)


@router.get("/{build}/{slot}/documents", dependencies=[needs(Action.READ)])
def list_documents(service: Served, build: Part, slot: Part) -> list[DocumentView]:
    """The documents of what it runs: those that its contracts name, and those of schemas."""
    return list(service.records.documents(_label(build, slot)))


@router.get("/{build}/{slot}/document", dependencies=[needs(Action.READ)])
def get_document(
    service: Served,
    build: Part,
    slot: Part,
    name: Annotated[str, Query(min_length=1, max_length=600, pattern=r"^[^\x00-\x1f\x7f]*$")],
) -> str:
    """The text of one, by its name or the end of it."""
    return service.records.document(_label(build, slot), name)


@router.get("/{build}/{slot}/checks", dependencies=[needs(Action.READ)])
def list_checks(
    service: Served, build: Part, slot: Part, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> list[CheckView]:
    """What verified it so far: each check with its results, newest first."""
    return list(service.records.checks(_label(build, slot), limit))


@router.get("/{build}/{slot}/reports", response_class=Response, dependencies=[needs(Action.READ)])
def get_reports(
    service: Served,
    build: Part,
    slot: Part,
    run: Annotated[int, Query(ge=1, le=LARGEST)],
    check: Annotated[str, Query(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")],
) -> Response:
    """What a check left in a run, as a tar archive: files of its author, which nothing here opens."""
    found = service.records.reports(_label(build, slot), run, check)
    named = {"Content-Disposition": f'attachment; filename="reports-{run}.tar"'}
    return Response(found, media_type="application/octet-stream", headers=named)


def _label(build: str, slot: str) -> str:
    """What people call it, so that an error does."""
    return naming.enver_label(f"{build}/{slot}")
