"""Every declaration knows the line of the user's file that made it."""

from __future__ import annotations

import inspect

from shop import database, dev, main, orders

from odmd.errors import Place
from odmd.model import Branch, CdkEnver, CloneSet, Organisation


def here(offset: int = 0) -> Place:
    """The line of the caller."""
    frame = inspect.stack()[1]
    return Place(frame.filename, frame.lineno + offset)


def test_an_enver_knows_where_it_was_made() -> None:
    made, place = type(database())(on=main, at=dev), here()
    assert made.place == place


def test_a_clone_knows_where_it_was_made() -> None:
    origin = database()
    clone, place = origin.clone(Branch("fix")), here()
    assert clone.place == place
    members, place = CloneSet(Branch("fix"), origin), here()
    assert members[origin].place == place


def test_a_wire_knows_where_it_was_drawn() -> None:
    made, shared = orders(database()), database()
    made.audit = made.api
    assert made.audit.place == here(-1)
    shared.allowed["orders"] = made.network
    assert shared.allowed["orders"].place == here(-1)
    shared.allowed["orders"] = made.network
    assert shared.allowed.set_twice() == (("orders", here(-1)),)


def test_a_request_knows_where_it_was_made() -> None:
    made, shared = orders(database()), database()
    made.db = shared.schemas
    assert shared.schemas.asked[-1].place == here(-1)


def test_an_organisation_knows_where_it_was_made() -> None:
    made, place = Organisation("acme", central=dev.account, envers=list[CdkEnver]()), here()
    assert made.place == place
