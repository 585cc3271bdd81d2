"""Values: what was published, and who runs with it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from odmd.control.reading.views import ValueView
from odmd.control.scheduler.may import Action
from odmd.control.scheduler.values import ValueRef
from odmd.server.models import Page
from odmd.server.rights import needs
from odmd.server.routes.common import Fresh, Limit, Served, page

router = APIRouter(prefix="/values", tags=["values"], dependencies=[Fresh])
Of = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=600,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="An enver, a product or a build: `orders@main`, `orders@main/bus`, `orders`.",
    ),
]
AfterValue = Annotated[
    str, Query(max_length=600, pattern=r"^([^\x00-\x1f\x7f]+#[0-9]{1,15})?$", description="From `next` of a page.")
]


@router.get("", dependencies=[needs(Action.READ)])
def list_values(
    service: Served, request: Request, of: Of = None, after: AfterValue = "", limit: Limit = 100
) -> Page[ValueView]:
    """By product and version; retired ones included."""
    address = service.records.find_product(of) if of else ""
    found = service.records.values(address, _ref(after), limit)
    return page(found, limit, request, lambda one: f"{one.value.product}#{one.value.version}")


def _ref(after: str) -> ValueRef:
    product, _, version = after.rpartition("#")
    return ValueRef(product, int(version or 0))
