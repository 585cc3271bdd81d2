"""Names that people type: which enver or product they mean, and what they may have meant."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from typing import Final

from odmd.model import naming
from odmd.texts import first_of

_ALIKE: Final = 0.6
_SUGGESTED: Final = 3
_LISTED: Final = 8


def labels(addresses: Iterable[str]) -> Sequence[str]:
    """Envers as people write them."""
    return [naming.enver_label(address) for address in addresses]


def suggestion(typed: str, labels: Collection[str]) -> str:
    """What somebody may have meant, else what there is."""
    if not labels:
        return "`odmd plan` shows what would be deployed"
    if near := _near(typed, labels):
        return f"did you mean {' or '.join(near[:_SUGGESTED])}?"
    return f"there are {first_of(sorted(labels), _LISTED)}"


def address_of(typed: str, known: Container[str] = ()) -> str:
    """The address of an enver or a product as typed: `orders@main/bus` is `orders/b..main/bus`."""
    enver, slash, name = typed.partition("/") if "@" in typed else (typed, "", "")
    return f"{naming.enver_address(enver, known)}{slash}{name}"


def _near(typed: str, labels: Collection[str]) -> Sequence[str]:
    exact = sorted(label for label in labels if typed in _parts(label))
    if exact:
        return exact
    scores = {label: max(_likeness(typed, part) for part in _parts(label)) for label in labels}
    return sorted((label for label in labels if scores[label] >= _ALIKE), key=lambda label: (-scores[label], label))


def _parts(label: str) -> Iterator[str]:
    """What people type of a label: all of it, the build alone, the product alone."""
    build, _, rest = label.partition("@")
    yield from (label, build)
    if product := rest.partition("/")[2]:
        yield product


def _likeness(typed: str, part: str) -> float:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, typed.lower(), part.lower()).ratio()
