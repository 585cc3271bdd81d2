"""Which envers and which run an event is about, and who brought it about: what listeners choose by."""

from __future__ import annotations

from dataclasses import fields

from odmd.control.scheduler import events as e
from odmd.control.scheduler.actor import Actor


def envers_of(event: e.Event) -> frozenset[str]:
    """The addresses of the envers that an event names; of none where it is about the whole, or about a run alone."""
    match event:
        case e.ChangeAccepted(heads=heads, retried=retried, follow=follow):
            return frozenset((*(head.enver for head in (*heads, *follow)), *retried))
        case e.Settled(envers=envers):
            return frozenset(envers)
        case e.PassStarted(moved=moved):
            return frozenset(enver for enver, _ in moved)
        case e.DidNotSettle(moved=moved):
            return frozenset(one.partition(" ")[0] for one in moved)
        case (
            e.ValuePublished(product=product)
            | e.ValueWithdrawn(product=product)
            | e.RetirementScheduled(product=product)
            | e.RetirementStarted(product=product)
            | e.ValueRetired(product=product)
        ):
            return frozenset(("/".join(product.split("/")[:2]),))
        case e.ClonesDeclared(set=set):
            return frozenset(set.addresses)
        case e.ClonesLeft(clones, envers):
            return frozenset((clones, *envers))
        case e.ClonesKept() | e.ClonesEndSoon() | e.ClonesEnded() | e.ClonesGone():
            return frozenset((event.clones, *event.others))
        case _:
            enver: str | None = getattr(event, "enver", None)
            return frozenset((enver,)) if enver else frozenset()


def run_of(event: e.Event) -> int | None:
    """The run that an event is about."""
    return getattr(event, "run", None)


def actor_of(event: e.Event) -> Actor | None:
    """Who brought it about: it says so itself, or the part of it does that is what he wants."""
    parts: tuple[object, ...] = (event, *(getattr(event, field.name) for field in fields(event)))
    found = (getattr(part, "by", None) for part in parts)
    return next((by for by in found if isinstance(by, Actor)), None)
