"""Each wire that a change of the contracts concerns gets one verdict, the worst."""

from __future__ import annotations

from odmd.graph.difference import Edition, difference
from odmd.plan.verdicts import moved_elsewhere, with_verdicts
from support.planned import CHAIN, planned
from support.worlds import address, graph, graph_of, node, wire


def test_a_new_wire_is_additive_and_one_that_goes_is_removed() -> None:
    now = graph(3, [(0, 1), (0, 2)])
    made = difference(Edition(CHAIN), Edition(now))
    found = with_verdicts(planned(now), now, made).verdicts
    assert [(one.enver, one.input, one.verdict) for one in found] == [
        (address(2), "in1", "removed"),
        (address(2), "in0", "additive"),
    ]


def test_who_moves_elsewhere_breaks_its_consumers() -> None:
    now = graph_of([node(0, region="eu-west-1"), node(1, [wire(0, 1)]), node(2, [wire(1, 2)])])
    made = difference(Edition(CHAIN), Edition(now))
    assert moved_elsewhere(made) == {address(0)}
    (found,) = with_verdicts(planned(now), now, made).verdicts
    assert (found.enver, found.input, found.verdict) == (address(1), "in0", "breaking")
    assert "us-west-1 → eu-west-1" in found.says


def test_without_a_change_there_is_none() -> None:
    assert with_verdicts(planned(CHAIN), CHAIN, difference(Edition(CHAIN), Edition(CHAIN))).verdicts == ()
