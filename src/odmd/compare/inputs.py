"""What the two consume, and what they are handed privately."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from odmd.compare.comparison import Because, Differs, Section
from odmd.compare.contracts import is_corresponding
from odmd.compare.names import Meanings
from odmd.compare.side import ComparedSide, ConsumedValue
from odmd.model import naming


def of_values(before: ComparedSide, after: ComparedSide) -> Iterator[Differs]:
    """Inputs that lead elsewhere, or that are of versions of different age."""
    ours, theirs = ({one.name: one for one in side.inputs} for side in (before, after))
    for name in {**ours, **theirs}:
        one, other = ours.get(name), theirs.get(name)
        if one and other and is_corresponding(one.product, other.product):
            if _differs_in_age(one, other):
                says = "" if one.product == other.product else "each beside the newest of its own producer"
                yield Differs(Section.VALUES, Because.AGE, name, said(one), said(other), says)
        else:
            yield Differs(Section.VALUES, Because.INTENT, name, said(one), said(other))


def _differs_in_age(one: ConsumedValue, other: ConsumedValue) -> bool:
    if one.product == other.product:
        return one.version != other.version
    return one.behind != other.behind or (one.version == 0) != (other.version == 0)


def said(one: ConsumedValue | None) -> str:
    """`foundation@main/bus #3 (#5 is out)`."""
    if one is None:
        return ""
    version = f"#{one.version}" if one.version else "(placeholder)"
    out = f" (#{one.version + one.behind} is out)" if one.behind > 0 else ""
    return f"{naming.product_label(one.product)} {version}{out}"


def of_config(before: ComparedSide, after: ComparedSide) -> Iterator[Differs]:
    """Config that is not of equal content; what it is, who may see it says."""
    ours, theirs = (dict(side.made_of.settings.config) for side in (before, after))
    for name in {**ours, **theirs}:
        if ours.get(name) != theirs.get(name):
            yield Differs(Section.CONFIG, Because.INTENT, name, _there(ours, name), _there(theirs, name))


def of_secrets(before: ComparedSide, after: ComparedSide, meaning: Meanings) -> Iterator[Differs]:
    """References, each with its version where a new one restarts; never a text."""
    ours, theirs = (dict(side.made_of.settings.secrets) for side in (before, after))
    for name in {**ours, **theirs}:
        one, other = ours.get(name, ""), theirs.get(name, "")
        if not (one and other and meaning.alike(one, other)):
            yield Differs(Section.SECRETS, Because.INTENT, name, one, other)


def _there(found: Mapping[str, str], name: str) -> str:
    return "as it was handed over" if name in found else ""
