"""ODMD026: who is asked for something is part of the organisation."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds requests to shared envers that are not listed."""
    for enver in draft.organisation.envers:
        for name, field in type(enver).declaration.requests.items():
            offers = field.offers(enver)
            if offers is not None and offers.owner.address not in draft.envers:
                yield Diagnostic(
                    "ODMD026",
                    f"{enver} asks {offers.owner} for `{name}`, which the organisation does not list",
                    enver.place,
                    "add it to Organisation(envers=…)",
                )
