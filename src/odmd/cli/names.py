"""Names that people type: which enver they mean, what they may have meant, and how the shell completes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from odmd.errors import EnverUnknown, OdmdError

if TYPE_CHECKING:
    from odmd.control.state import State

_ALIKE: Final = 0.6
_SUGGESTED: Final = 3
_LISTED: Final = 8


def find_enver(typed: str, state: State) -> str:
    """The address of the recorded enver that somebody typed.

    Raises:
        EnverUnknown: there is none; suggests what was meant.
    """
    from odmd.model import naming

    address = naming.enver_address(typed, state.envers)
    if address not in state.envers:
        raise EnverUnknown(f"{typed} was never deployed", next_step=suggestion(typed, _labels(state.envers)))
    return address


def find_product(typed: str, state: State, published: Iterable[str]) -> str:
    """The address of the recorded enver or published product that somebody typed; a build's name takes all of it.

    Raises:
        EnverUnknown: there is none; suggests what was meant.
    """
    from odmd.cli.output import product_label

    wanted, products = _address(typed, state.envers), sorted(set(published))
    if any(f"{known}/".startswith(f"{wanted}/") for known in (*state.envers, *products)):
        return wanted
    labels = (*_labels(state.envers), *map(product_label, products))
    raise EnverUnknown(f"no enver and no published product is called {typed}", next_step=suggestion(typed, labels))


def suggestion(typed: str, labels: Collection[str]) -> str:
    """What somebody may have meant, else what there is."""
    if not labels:
        return "`odmd plan` shows what would be deployed"
    if near := _near(typed, labels):
        return f"did you mean {' or '.join(near[:_SUGGESTED])}?"
    listed = sorted(labels)
    more = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    return f"there are {', '.join(listed[:_LISTED])}{more}"


def complete_enver(ctx: typer.Context, incomplete: str) -> list[str]:
    """Recorded envers that begin so; none where nothing can be read."""
    from odmd.store.glance import envers_in

    try:
        return [label for label in _labels(envers_in(_database(ctx))) if label.startswith(incomplete)]
    except (OdmdError, OSError, sqlite3.Error):
        return []


def complete_product(ctx: typer.Context, incomplete: str) -> list[str]:
    """Recorded envers and published products that begin so; none where nothing can be read."""
    from odmd.cli.output import product_label
    from odmd.store.glance import products_in

    try:
        products = [product_label(product) for product in products_in(_database(ctx))]
    except (OdmdError, OSError, sqlite3.Error):
        return []
    return [*complete_enver(ctx, incomplete), *(label for label in products if label.startswith(incomplete))]


def _database(ctx: typer.Context) -> Path:
    from odmd.bootstrap.settings import read_settings

    said: str | Path | None = ctx.params.get("state")
    return read_settings(state=Path(said) if said else None).state / "state.db"


def _labels(addresses: Iterable[str]) -> Sequence[str]:
    from odmd.model import naming

    return [naming.enver_label(address) for address in addresses]


def _address(typed: str, known: Container[str]) -> str:
    """The address of an enver or a product as typed: `orders@main/bus` is `orders/b..main/bus`."""
    from odmd.model import naming

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
