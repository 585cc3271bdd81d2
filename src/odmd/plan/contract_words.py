"""What changed between two editions of contracts, in words, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from odmd.graph.difference import ContractChange, Difference, How, Verdict, What, label
from odmd.model import naming
from odmd.plan.markdown import plain

MEANS: Final[Mapping[Verdict, str]] = {
    Verdict.BREAKING: "who consumes it has to move first",
    Verdict.REMOVED: "gone, and nobody else needs it",
    Verdict.VALUE_ONLY: "another value or another time, the same contract",
    Verdict.ADDITIVE: "nobody has to do anything",
}


def groups(made: Difference, *, empty: bool = False) -> Iterator[tuple[Verdict, Sequence[ContractChange]]]:
    """By verdict, the worst first."""
    for verdict in Verdict:
        if (changes := made.of(verdict)) or empty:
            yield verdict, changes


def title(made: Difference, names: tuple[str, str]) -> str:
    """Of whom it is, from where to where."""
    versions = zip(names, (made.before, made.after), strict=True)
    said = (f"{name} ({version})" if version and made.before != made.after else name for name, version in versions)
    return f"{made.organisation}, {' → '.join(said)}"


def counted(made: Difference) -> str:
    """`1 breaking, 2 additive`."""
    return ", ".join(f"{len(changes)} {verdict}" for verdict, changes in groups(made))


def what_happened(change: ContractChange) -> str:
    """`kind EventBus → Topic`, or for what is new and gone, what it is."""
    before, after = _value(change, change.before), _value(change, change.after)
    match change.how:
        case How.ADDED:
            return f"← {after}" if change.what is What.WIRE else f"({after})"
        case How.REMOVED:
            return f"← {before}" if change.what is What.WIRE else f"({before})"
        case How.CHANGED if not change.before:
            return f"{change.aspect} + {after}"
        case How.CHANGED if not change.after:
            return f"{change.aspect} - {before}"
        case How.CHANGED:
            same = before == after
            return f"{change.aspect} {after} says something else" if same else f"{change.aspect} {before} → {after}"


def markdown_of(made: Difference, names: tuple[str, str]) -> Iterator[str]:
    """Line by line."""
    yield f"### Contracts: {plain(title(made, names))}"
    yield ""
    yield counted(made) if made.changes else "Nothing changed."
    for verdict, changes in groups(made):
        yield from (
            "",
            f"**{verdict.capitalize()}**: {MEANS[verdict]}",
            "",
            "| | change | concerns |",
            "|---|---|---|",
        )
        for change in changes:
            said = "; ".join((what_happened(change), *change.details))
            concerned = ", ".join(map(naming.enver_label, change.consumers)) or "–"
            yield f"| {change.how} | {change.what} **{plain(label(change))}** {plain(said)} | {plain(concerned)} |"


def _value(change: ContractChange, text: str) -> str:
    leads = change.what is What.WIRE and change.aspect in ("", "product")
    return naming.product_label(text) if leads and text else text
