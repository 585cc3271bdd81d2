"""What `odmd drift` says: what differs, what is accepted, what nobody could tell, and how old all that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from odmd.cli.output import console, next_step, print_json, show_rows
from odmd.control.reading.drift import in_words
from odmd.model import naming
from odmd.plan.words import clock, duration
from odmd.texts import first_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from odmd.control.reading.drift import DriftView, EnverDrift, FindingView

_COLUMNS: Final = ("enver", "finding", "unit", "what", "was deployed", "is")
_NAMED: Final = 5
_FRESH_SECONDS: Final = 60.0


def say(found: DriftView, *, json: bool) -> None:
    """What was found: first what differs, then what is accepted, and what nobody could tell."""
    if json:
        print_json(found)
        return
    drifted = found.drifted()
    if rows := [row for one in drifted for row in _rows(one)]:
        show_rows(_COLUMNS, rows)
    out = console()
    for one in found.envers:
        for line in (*_changed(one), *_accepted(one), *_untold(one)):
            out.print(line, soft_wrap=True, markup=False)
    out.print(_summed(found), soft_wrap=True)
    if others := [one for one in drifted if any(seen.sort != "value" for seen in one.findings)]:
        label = naming.enver_label(others[0].enver)
        out.print(next_step(f"`odmd drift revert {label}` brings it back, `odmd drift accept {label}` lets it be"))


def say_what_stayed(left: DriftView) -> None:
    """What is not as it was deployed although it was deployed anew."""
    out = console()
    if not (drifted := left.drifted()):
        out.print("looked again: all is as it was deployed")
        return
    show_rows(_COLUMNS, [row for one in drifted for row in _rows(one)])
    out.print(next_step("a deployment does not reach this: change it back where it was changed, or accept it"))


def say_findings(known: EnverDrift) -> None:
    """What is known of one enver and open."""
    show_rows(_COLUMNS, list(_rows(known)))


def _rows(one: EnverDrift) -> Iterator[tuple[str, ...]]:
    for seen in one.findings:
        what = _what(seen)
        yield naming.enver_label(one.enver), seen.id, seen.unit, what, seen.expected or "–", seen.found or "–"


def _what(seen: FindingView) -> str:
    return seen.what if seen.sort == "gone" else f"{seen.sort} {seen.what}"


def _changed(one: EnverDrift) -> Iterator[str]:
    """Who made it so, each once."""
    label, told = naming.enver_label(one.enver), dict[str, list[str]]()
    for seen in one.findings:
        if (who := seen.changed) is not None:
            when = f" at {clock(who.at)}" if who.at else ""
            said = f"changed by {who.by}{when}{f', by {who.how}' if who.how else ''}" if who.by else who.unknown
            told.setdefault(said, []).append(seen.id)
    return (f"{label} {first_of(ids, _NAMED)}: {said}" for said, ids in told.items())


def _accepted(one: EnverDrift) -> Iterator[str]:
    for seen in one.accepted:
        if (said := seen.accepted) is not None:
            until = f"until {clock(said.until)}, or until it changes" if said.until else "until it changes"
            label = naming.enver_label(one.enver)
            yield f"{label}: {in_words(seen)} may be so {until}, says {said.by}: {said.why}"


def _untold(one: EnverDrift) -> Iterator[str]:
    """What nobody could tell of an enver."""
    label = naming.enver_label(one.enver)
    if one.unknown:
        yield f"{label}: not compared: {one.unknown}"
    if any(seen.sort == "value" for seen in one.findings):
        yield f"{label}: its values are written into the parameter store again, as the log has them"
    if one.unchecked:
        yield f"{label}: nobody can compare {first_of(one.unchecked, _NAMED)}"


def _summed(found: DriftView) -> str:
    envers = found.envers
    if not envers:
        return "nothing runs"
    drifted, unknown = len(found.drifted()), sum(bool(one.unknown) and not one.findings for one in envers)
    same = len(envers) - drifted - unknown
    counted = f"{drifted} drifted, {unknown} not compared, {same} as deployed"
    return f"{counted}{_age(envers, found.at)}; nothing that runs was changed"


def _age(envers: Sequence[EnverDrift], now: float) -> str:
    """When the oldest of these looks was, once that is a while ago."""
    oldest = min((one.at for one in envers if one.at is not None), default=now)
    if now - oldest < _FRESH_SECONDS:
        return ""
    return f", as seen up to {duration(now - oldest)} ago (--now looks again)"
