"""Events: the log in pages, and live."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import StreamingResponse

from odmd.control.reading.seen import SeenReads
from odmd.control.scheduler.may import Action
from odmd.errors import NotSignedIn, OdmdError
from odmd.model import naming
from odmd.server.listening import WantedEvents
from odmd.server.models import LARGEST, EventTold, Name, Number, Page
from odmd.server.rights import needs
from odmd.server.routes.common import Fresh, Limit, Served, page, told
from odmd.server.service import Service
from odmd.server.stream import Welcome

router = APIRouter(tags=["events"])
_MOST: Final = 100


class EventStream(StreamingResponse):
    """Says in the OpenAPI what it is."""

    media_type = "text/event-stream"


@router.get("/log", dependencies=[needs(Action.READ), Fresh])
def read_log(
    service: Served, request: Request, after: Annotated[int, Query(ge=0, le=LARGEST)] = 0, limit: Limit = 100
) -> Page[EventTold]:
    """What was decided, oldest first."""
    return page(told(service.records.store.read(after, limit)), limit, request, lambda one: one.position)


@router.get("/events", response_class=EventStream, dependencies=[needs(Action.READ)])
def follow_events(
    service: Served,
    request: Request,
    run: Annotated[
        list[Number], Query(default_factory=list, max_length=_MOST, description="Only what is about these.")
    ],
    enver: Annotated[
        list[Name], Query(default_factory=list, max_length=_MOST, description="Only what is about these.")
    ],
    after: Annotated[str | None, Query(max_length=200, description="A position, or `ORGANISATION:POSITION`.")] = None,
    last_event_id: Annotated[str | None, Header(max_length=200)] = None,
    change: Annotated[Number | None, Query(description="A wave: also what the runs of this change say.")] = None,
) -> EventStream:
    """Server-sent events: `log`, what was committed, with its position as id; `progress`, what runs say.

    Without `run`, `enver` and `change`, every `log` and no `progress`. With `run` or `enver`, both, and only about
    these; with `change`, also what its runs say.

    Begins after `Last-Event-ID`, else after `after`, else with what comes now. A comment every 15 s says that it lives.
    Who does not keep up is cut off, and resumes by position.
    """
    position = service.feed.position(last_event_id or after, service.control.store.position())
    authorization: str | None = request.state.authorization

    def still_welcome() -> bool:
        try:
            request.state.sign_in.principal(authorization)
        except NotSignedIn:
            return False
        except OdmdError:
            return True  # a database that is away for a moment tells nobody anything
        return True

    store = service.records.store
    seen = store if isinstance(store, SeenReads) else None
    wanted = WantedEvents(frozenset(run), frozenset(_address(service, one) for one in enver), change, seen)
    welcome = Welcome(authorization or "", still_welcome)
    return EventStream(service.feed.follow(position, wanted, welcome))


def _address(service: Service, typed: str) -> str:
    """Of an enver that is declared or recorded."""
    declared = service.graph.envers
    address = naming.enver_address(typed, declared)
    return address if address in declared else service.records.find(typed).address
