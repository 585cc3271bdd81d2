"""The chain breaks wherever anything was changed, and anchors see what a chain that was made anew hides."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from odmd.control.ports.anchors import Anchor, KeptAnchor
from odmd.control.ports.ledger import GENESIS, ChainBeginning, Entry, link_of
from odmd.control.reading.looking_back import ChainView, Trail, proof_of
from odmd.control.reading.proven import prove

BEGINS = ChainBeginning(0, GENESIS, 0.0)
TEXTS = st.text(max_size=12)


def chained(entries: list[Entry], before: str = GENESIS) -> list[Entry]:
    found = list[Entry]()
    for entry in entries:
        before = link_of(before, entry)
        found.append(replace(entry, link=before))
    return found


def log(count: int, word: str = "a") -> list[Entry]:
    return chained([Entry(n, float(n), "Approved", f"m{n}", f'{{"{word}": {n}}}', None) for n in range(1, count + 1)])


LOGS = st.lists(st.tuples(st.floats(0, 1e10), TEXTS, TEXTS, TEXTS), min_size=1, max_size=8).map(
    lambda rows: chained([Entry(n, *row, None) for n, row in enumerate(rows, 1)])
)


def changed(text: str, at: int, to: str) -> str:
    """One character is another one, or one more."""
    return text[:at] + to + text[at + 1 :]


@given(LOGS, st.data())
def test_whatever_is_changed_breaks_the_chain_there(entries: list[Entry], data: st.DataObject) -> None:
    assert prove(BEGINS, entries, "s").broken is None
    n = data.draw(st.integers(0, len(entries) - 1))
    entry, field = entries[n], data.draw(st.sampled_from(["at", "type", "message", "body", "link"]))
    if field == "at":
        other: object = data.draw(st.floats(0, 1e10).filter(lambda at: at != entry.at))
    else:
        text = getattr(entry, field)
        at = data.draw(st.integers(0, len(text)))
        other = changed(text, at, data.draw(st.characters().filter(lambda one: one != text[at : at + 1])))
    found = prove(BEGINS, [*entries[:n], replace(entry, **{field: other}), *entries[n + 1 :]], "s")  # type: ignore[arg-type]
    assert found.broken is not None
    assert found.broken.position == entry.position
    assert found.entries == n


@given(LOGS, st.data())
def test_moving_text_from_one_column_to_another_is_a_change_too(entries: list[Entry], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(entries) - 1))
    entry = entries[n]
    moved = replace(entry, type=entry.type + entry.message[:1], message=entry.message[1:])
    broken = prove(BEGINS, [*entries[:n], moved, *entries[n + 1 :]], "s").broken
    assert (broken is None) == (moved == entry)


def anchor(entries: list[Entry], position: int, at: float = 100.0, state: str = "s") -> KeptAnchor:
    found = next(one for one in entries if one.position == position)
    return KeptAnchor(f"anchor {position}", Anchor(state, position, found.link or "", at))


def test_anchors_that_say_the_same_are_counted() -> None:
    entries = log(9)
    found = prove(BEGINS, entries, "s", [anchor(entries, 3), anchor(entries, 9)])
    assert (found.anchored, found.broken) == (2, None)


def test_a_chain_that_was_made_anew_is_seen_by_the_first_anchor_behind() -> None:
    entries = log(9)
    forged = entries[:4] + chained([replace(one, body='{"forged": 1}') for one in entries[4:]], entries[3].link or "")
    assert prove(BEGINS, forged, "s").broken is None, "the chain alone cannot see it"
    found = prove(BEGINS, forged, "s", [anchor(entries, n) for n in (9, 7, 2)])
    assert found.broken is not None
    assert (found.broken.position, found.anchored) == (7, 1)


def test_a_log_that_was_cut_short_is_seen() -> None:
    entries = log(9)
    found = prove(BEGINS, entries[:5], "s", [anchor(entries, 9)])
    assert found.broken is not None
    assert (found.broken.position, "the log ends before" in found.broken.why) == (6, True)


def test_anchors_of_what_is_forgotten_prove_nothing_and_break_nothing() -> None:
    entries = log(9)
    begins = ChainBeginning(5, entries[4].link or "", 1.0)
    found = prove(begins, entries[5:], "s", [anchor(entries, n) for n in (3, 5, 8)])
    assert (found.older, found.anchored, found.broken) == (1, 2, None)
    moved = prove(replace(begins, link="f" * 64), entries[5:], "s", [anchor(entries, 5)])
    assert moved.broken is not None


def test_what_a_recovery_lost_is_told_apart_from_what_was_changed() -> None:
    lost = log(9)
    kept = lost[:5]
    back = Entry(6, 200.0, "Recovered@2", "m", "{}", None)
    entries = kept + chained([back], kept[-1].link or "")
    before, after = anchor(lost, 8, at=150.0), anchor(lost, 8, at=250.0)
    found = prove(BEGINS, entries, "s", [anchor(lost, 4, 50.0), before])
    assert (found.anchored, found.lost, found.broken) == (1, 1, None)
    assert prove(BEGINS, entries, "s", [after]).broken is not None, "nothing of after the recovery is lost by it"


def test_an_anchor_that_is_not_to_be_trusted_breaks_the_proof() -> None:
    entries = log(3)
    for bad in (
        replace(anchor(entries, 2), fault="its signature is not by this key"),
        anchor(entries, 2, state="another"),
        KeptAnchor("rubbish", None, "it cannot be read"),
    ):
        found = prove(BEGINS, entries, "s", [bad]).broken
        assert found is not None
        assert bad.name in found.why


class Pruning:
    """A trail whose log is pruned while it is read for the first time."""

    def __init__(self, entries: list[Entry]) -> None:
        self.whole, self.begins, self.reads = entries, BEGINS, 0

    def chain(self) -> ChainView:
        return ChainView("s", self.begins)

    def log(self, after: int = 0) -> list[Entry]:
        self.reads += 1
        self.begins = ChainBeginning(4, self.whole[3].link or "", 1.0)
        return [one for one in self.whole[4:] if one.position > after]


def test_a_log_that_is_pruned_meanwhile_is_not_broken() -> None:
    trail = cast("Trail", pruning := Pruning(log(9)))
    found = proof_of(trail, [])
    assert (found.broken, found.begins, found.entries, pruning.reads) == (None, 4, 5, 2)
    pruning.whole[6] = replace(pruning.whole[6], body="{}")
    broken = proof_of(trail, []).broken
    assert broken is not None
    assert broken.position == 7
