"""Which envers and which run an event is about: what listeners choose by."""

from __future__ import annotations

from odmd.control.scheduler import events as e


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
        case _:
            enver: str | None = getattr(event, "enver", None)
            return frozenset((enver,)) if enver else frozenset()


def run_of(event: e.Event) -> int | None:
    """The run that an event is about."""
    return getattr(event, "run", None)
