"""An image goes on with what its scan found, or does not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from odmd.errors import ImageVulnerable
from odmd.model.build_types import ScanSeverity
from odmd.providers.images.repository import Stored
from odmd.providers.images.scans import Threshold, in_words

FOUND = {"LOW": 7, "HIGH": 2, "INFORMATIONAL": 1, "CRITICAL": 0}


def scanned(status: str, **findings: int) -> Stored:
    return Stored("sha256:…", ("main",), status, findings)


def judged(threshold: Threshold, *looks: Stored | None) -> str:
    """What comes of these looks, ten seconds apart; the last one stays."""
    seen: Iterator[Stored | None] = itertools.chain(looks, itertools.repeat(looks[-1]))
    return threshold.judged("app", lambda: next(seen), itertools.count(10.0, 10.0))


def test_findings_are_said_the_worst_first() -> None:
    assert in_words(FOUND) == "2 high, 7 low, 1 informational"


@pytest.mark.parametrize("status", ["", "IN_PROGRESS", "COMPLETE", "FAILED"])
def test_where_nobody_minds_no_scan_is_waited_for(status: str) -> None:
    assert judged(Threshold(), scanned(status, CRITICAL=1)) == "1 critical"


def test_what_is_less_than_the_bar_is_said_and_what_is_not_is_refused() -> None:
    assert judged(Threshold(ScanSeverity.CRITICAL), scanned("COMPLETE", **FOUND)) == "2 high, 7 low, 1 informational"
    with pytest.raises(ImageVulnerable, match="finds 2 high, which is refused"):
        judged(Threshold(ScanSeverity.HIGH), scanned("COMPLETE", **FOUND))
    with pytest.raises(ImageVulnerable, match="finds 2 high, 7 low"):
        judged(Threshold(ScanSeverity.LOW), scanned("ACTIVE", **FOUND))


def test_a_scan_is_waited_for_where_it_decides() -> None:
    assert (
        judged(Threshold(ScanSeverity.HIGH), scanned(""), scanned("IN_PROGRESS"), scanned("COMPLETE", LOW=1)) == "1 low"
    )


@pytest.mark.parametrize("status", ["", "IN_PROGRESS", "FAILED"])
def test_one_that_does_not_end_well_lets_nothing_through(status: str) -> None:
    with pytest.raises(ImageVulnerable, match="is not scanned after 30 s"):
        judged(Threshold(ScanSeverity.CRITICAL, 30), scanned(status))


def test_an_image_that_is_gone_is_another_ones_matter() -> None:
    assert judged(Threshold(ScanSeverity.CRITICAL), None) == ""
