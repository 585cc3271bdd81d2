"""What pytest writes of its tests, as JUnit XML: from a program of a service's author, so read with care."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as Xml

from odmd.control.running.verifying import CheckVerdict, TestResult
from odmd.errors import FileUnfit
from odmd.foreign import read_text

_LARGEST: Final = 16_000_000
_MOST_TESTS: Final = 1000
"""That are kept by their names."""
_LONGEST_NAME: Final = 200
_LONGEST_NUMBER: Final = 40
_LONGEST_WORDS: Final = 300
_MOST_NUMBERS: Final = 200
"""That are kept of all tests of a suite."""
_NAMED: Final = 3


class ReportUnfit(Exception):
    """Nobody can tell from it how the tests ended."""


@dataclass(frozen=True, slots=True)
class SuiteReport:
    """How the tests of a suite ended."""

    ran: int
    tests: tuple[TestResult, ...]
    """Those that ran."""

    @property
    def red(self) -> Sequence[TestResult]:
        return [one for one in self.tests if one.verdict is CheckVerdict.RED]

    @property
    def flaky(self) -> Sequence[TestResult]:
        return [one for one in self.tests if one.verdict is CheckVerdict.FLAKY]

    @property
    def verdict(self) -> CheckVerdict:
        return CheckVerdict.RED if self.red else CheckVerdict.FLAKY if self.flaky else CheckVerdict.GREEN

    @property
    def kept(self) -> tuple[TestResult, ...]:
        """Those that stand in the journal, red ones first."""
        kept, left = list[TestResult](), _MOST_NUMBERS
        for one in sorted(self.tests, key=lambda one: one.verdict is not CheckVerdict.RED)[:_MOST_TESTS]:
            kept.append(replace(one, numbers=one.numbers[:left]))
            left -= len(kept[-1].numbers)
        return tuple(kept)

    @property
    def in_words(self) -> str:
        """`2 of 14 tests fail: test_a: assert 1 == 2, test_b`."""
        if red := self.red:
            named = "; ".join(f"{one.name}: {one.said}" if one.said else one.name for one in red[:_NAMED])
            return f"{len(red)} of {self.ran} tests fail: {named}{'; …' if len(red) > _NAMED else ''}"
        flaky = [one.name for one in self.flaky]
        tests = f"{self.ran} test{'s pass' if self.ran > 1 else ' passes'}"
        return f"{tests}, {', '.join(flaky[:_NAMED])} not at the first try" if flaky else tests


def read_report(file: Path) -> SuiteReport:
    """What a file says.

    Raises:
        ReportUnfit
    """
    try:
        text = read_text(file, within=file.parent, most=_LARGEST)
        if "<!DOCTYPE" in text or "<!ENTITY" in text:  # pytest writes none, and they can make much of little
            raise ReportUnfit("its report declares entities")
        root = Xml.fromstring(text)  # noqa: S314  # nothing in it can grow: see above
    except FileNotFoundError:
        raise ReportUnfit("its tests ended and wrote no report, so nobody knows that one ran") from None
    except (OSError, ValueError, FileUnfit, Xml.ParseError) as unread:
        raise ReportUnfit(f"its report cannot be read: {unread}") from unread
    found = tuple(_tests(root))
    return SuiteReport(len(found), found)


def together(before: SuiteReport, now: SuiteReport) -> SuiteReport:
    """What two tries say: a test that failed and then passed is flaky; so is one that failed only at the second."""
    earlier = {one.name: one for one in before.tests}
    tests = tuple([_with_earlier(one, earlier.get(one.name)) for one in now.tests])
    lost = [one for one in before.red if one.name not in {two.name for two in now.tests}]
    return SuiteReport(max(before.ran, now.ran), (*lost, *tests))


def _with_earlier(now: TestResult, before: TestResult | None) -> TestResult:
    if before is None or now.verdict is before.verdict:
        return now
    return replace(now, verdict=CheckVerdict.FLAKY, said=now.said or before.said)


def _tests(root: Xml.Element) -> Iterator[TestResult]:
    """Those that ran: what was skipped proves nothing."""
    for case in root.iter("testcase"):
        if case.find("skipped") is not None:
            continue
        failed = case.find("failure") if case.find("failure") is not None else case.find("error")
        name = "::".join(filter(None, (case.get("classname"), case.get("name"))))[:_LONGEST_NAME]
        verdict = CheckVerdict.GREEN if failed is None else CheckVerdict.RED
        said = "" if failed is None else " ".join((failed.get("message") or failed.text or "").split())
        numbers = tuple(islice(_numbers(case), _MOST_NUMBERS))
        yield TestResult(name, verdict, _seconds(case.get("time")), said[:_LONGEST_WORDS], numbers)


def _numbers(case: Xml.Element) -> Iterator[tuple[str, float]]:
    for one in case.iterfind("properties/property"):
        name, value = (one.get("name") or "")[:_LONGEST_NAME], _number(one.get("value") or "")
        if name.isprintable() and value is not None:
            yield name, value


def _number(said: str) -> float | None:
    try:
        number = float(said[:_LONGEST_NUMBER])
    except ValueError:
        return None
    return number if isfinite(number) else None


def _seconds(said: str | None) -> float:
    try:
        return max(0.0, min(float(said or 0), 1e6))
    except ValueError:
        return 0.0
