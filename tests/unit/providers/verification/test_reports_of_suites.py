"""Reports of suites come from a service's own programs: what they say counts, and what they do not say is no pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from odmd.control.running.verifying import CheckVerdict
from odmd.providers.verification.reports import ReportUnfit, read_report, together

CASE = '<testcase classname="tests.a" name="{}" time="0.5">{}</testcase>'
RED = '<failure message="assert 1 == 2\n  with more">the whole traceback</failure>'


def report(folder: Path, *cases: str) -> Path:
    file = folder / "report.xml"
    file.write_text(f'<?xml version="1.0"?><testsuites><testsuite>{"".join(cases)}</testsuite></testsuites>')
    return file


def test_each_test_that_ran_is_there_red_ones_first(tmp_path: Path) -> None:
    skipped = CASE.format("c", "<skipped/>")
    found = read_report(report(tmp_path, CASE.format("a", ""), CASE.format("b", RED), skipped))
    assert [(one.name, one.verdict.value, one.seconds) for one in found.kept] == [
        ("tests.a::b", "red", 0.5),
        ("tests.a::a", "green", 0.5),
    ]
    assert found.in_words == "1 of 2 tests fail: tests.a::b: assert 1 == 2 with more"


def test_numbers_that_a_test_records_are_kept_and_no_more_of_them_than_a_journal_takes(tmp_path: Path) -> None:
    said = {
        "sold": "800",
        "rate": "0.5",
        "text": "much",
        "none": "nan",
        "huge": "1e999",
        "a\x85b": "1",
        "long": "9" * 99,
    }
    listed = "".join(f'<property name="{name}" value="{value}"/>' for name, value in said.items())
    found = read_report(report(tmp_path, CASE.format("a", f"<properties>{listed}</properties>")))
    assert found.kept[0].numbers == (("sold", 800.0), ("rate", 0.5), ("long", float("9" * 40)))
    many = "".join(f'<property name="n{n}" value="{n}"/>' for n in range(150))
    case = f"<properties>{many}</properties>"
    both = read_report(report(tmp_path, CASE.format("a", case), CASE.format("b", case), CASE.format("c", case)))
    assert [len(one.numbers) for one in both.kept] == [150, 50, 0]


@pytest.mark.parametrize("broken", ['<error message="no fixture"/>', RED, "<failure>only text</failure>"])
def test_what_is_broken_does_not_pass(tmp_path: Path, broken: str) -> None:
    assert read_report(report(tmp_path, CASE.format("a", broken))).verdict is CheckVerdict.RED


def test_what_passes_at_the_second_try_is_flaky_and_what_is_gone_by_then_stays_red(tmp_path: Path) -> None:
    red = read_report(report(tmp_path, CASE.format("a", RED), CASE.format("b", RED)))
    green = read_report(report(tmp_path, CASE.format("a", "")))
    both = together(red, green)
    assert {one.name: one.verdict for one in both.tests} == {
        "tests.a::a": CheckVerdict.FLAKY,
        "tests.a::b": CheckVerdict.RED,
    }
    healed = together(red, read_report(report(tmp_path, CASE.format("a", ""), CASE.format("b", ""))))
    assert healed.verdict is CheckVerdict.FLAKY
    assert "tests.a::a, tests.a::b not at the first try" in healed.in_words


def test_of_many_tests_each_counts_and_as_many_are_kept_as_a_journal_takes(tmp_path: Path) -> None:
    names = [f"test{n}" for n in range(1500)]
    red = read_report(report(tmp_path, *(CASE.format(one, RED if one == names[-1] else "") for one in names)))
    assert (red.kept[0].name, len(red.kept)) == (f"tests.a::{names[-1]}", 1000)
    both = together(red, read_report(report(tmp_path, *(CASE.format(one, "") for one in names))))
    assert (both.verdict, both.ran) == (CheckVerdict.FLAKY, 1500)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<testsuites>", "cannot be read"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><testsuites/>', "declares entities"),
        ("no xml at all", "cannot be read"),
    ],
)
def test_what_is_no_report_says_so(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "report.xml").write_text(text)
    with pytest.raises(ReportUnfit, match=said):
        read_report(tmp_path / "report.xml")


def test_a_link_to_a_file_of_others_is_no_report(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    report(tmp_path, CASE.format("a", ""))
    (tmp_path / "inside" / "report.xml").symlink_to(tmp_path / "report.xml")
    with pytest.raises(ReportUnfit):
        read_report(tmp_path / "inside" / "report.xml")


def test_no_report_is_no_pass(tmp_path: Path) -> None:
    with pytest.raises(ReportUnfit, match="wrote no report"):
        read_report(tmp_path / "report.xml")


def test_times_that_are_none_count_nothing(tmp_path: Path) -> None:
    case = '<testcase name="a" time="{}"/>'
    found = read_report(report(tmp_path, case.format("soon"), case.format("-3"), case.format("nan")))
    assert [one.seconds for one in found.tests] == [0, 0, 0]
