"""What checks leave comes from a service's own programs: what is fit is kept, masked, and nothing else is read."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.agent.mask import Mask
from odmd.control.running.saying import Discreet
from odmd.control.running.verifying import CheckVerdict, KeptReports, TestResult
from odmd.errors import QuotaExceeded
from odmd.providers.verification import left
from odmd.providers.verification.left import FilesLeft, fresh_folder
from odmd.providers.verification.scenarios import with_scenarios

SECRET = "correct-horse-battery-staple"  # of nobody


class Kept:
    """Reports of one check, and what was said of them."""

    def __init__(self, folder: Path) -> None:
        self.into = folder
        self.folder = fresh_folder(folder / "reports")
        self.said: list[str] = []
        self.packed = b""

    def keep(self, *also: Path) -> KeptReports | None:
        mask = Mask({"TOKEN": SECRET})
        job: Any = SimpleNamespace(tell=self._tell, shows=mask.shows, secret_variables={})
        return FilesLeft(self.folder, _hides).kept(job, also, self._put)

    @property
    def files(self) -> Mapping[str, bytes]:
        with tarfile.open(fileobj=io.BytesIO(self.packed)) as archive:
            return {one.name: (archive.extractfile(one) or io.BytesIO()).read() for one in archive}

    def _tell(self, line: str, *, lasting: bool = False) -> None:
        assert lasting
        self.said.append(line)

    def _put(self, content: bytes) -> str:
        self.packed = content
        return f"sha256:{len(content)}"


def _hides(secrets: Mapping[str, str]) -> Discreet:
    return Mask({"TOKEN": SECRET, **secrets}).stream()


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_what_it_leaves_is_there_under_its_name(kept: Kept) -> None:
    (kept.folder / "shots").mkdir()
    (kept.folder / "shots" / "menu.png").write_bytes(b"\x89PNG\xff")
    (kept.folder / "page.html").write_text("<p>tea</p>\n")
    (kept.into / "junit.xml").write_text("<testsuites/>\n")
    found = kept.keep(kept.into / "junit.xml", kept.into / "cucumber.json")
    assert found is not None
    sizes = {one.name: one.size for one in found.files}
    assert sizes == {"junit.xml": 14, "page.html": 11, "shots/menu.png": 5}
    assert kept.files["shots/menu.png"] == b"\x89PNG\xff"
    assert not kept.said


def test_nothing_left_is_nothing_kept(kept: Kept) -> None:
    assert kept.keep() is None
    assert not kept.packed


def test_secrets_stand_in_no_report(kept: Kept) -> None:
    (kept.folder / "log.txt").write_text(f"before\ntoken {SECRET} here\nafter")
    (kept.folder / "dump.bin").write_bytes(b"\xff\xfe" + SECRET.encode())
    found = kept.keep()
    assert found is not None
    assert kept.files == {"log.txt": b"before\ntoken *** here\nafter\n"}
    assert "dump.bin: a secret stands in it" in kept.said[0]


def test_a_suite_reaches_no_file_of_others_by_what_it_leaves(kept: Kept) -> None:
    outside = kept.into / "private.txt"
    outside.write_text("of others")
    (kept.folder / "link.txt").symlink_to(outside)
    (kept.folder / "folder").symlink_to(kept.into)
    os.mkfifo(kept.folder / "pipe")
    (kept.folder / "two\nlines").write_text("a line in a log")
    (kept.folder / "fine.txt").write_text("fine")
    assert kept.keep() is not None
    assert list(kept.files) == ["fine.txt"]
    assert kept.said[0].startswith("warning: 4 of its reports are not kept: ")
    assert "\n" not in kept.said[0]


def test_a_link_in_place_of_the_folder_leads_nowhere(kept: Kept) -> None:
    others = kept.into / "others"
    others.mkdir()
    (others / "key").write_text("of others")
    kept.folder.rmdir()
    kept.folder.symlink_to(others)
    assert kept.keep() is None
    fresh_folder(kept.folder)
    assert (others / "key").exists(), "and it is not cleared"
    assert not any(kept.folder.iterdir())


def test_more_than_is_kept_is_said_and_left_out(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left, "MOST_BYTES", 10)
    for name in ("a", "b", "c"):
        (kept.folder / name).write_text(f"{name * 5}\n")
    assert kept.keep() is not None
    assert list(kept.files) == ["a"]
    assert kept.said[0].startswith("warning: 2 of its reports")
    monkeypatch.setattr(left, "MOST_FILES", 1)
    kept.said.clear()
    assert kept.keep() is not None
    assert list(kept.files) == ["a"]
    assert "no more than 1 are" in kept.said[0]


def test_a_run_does_not_fail_for_reports_that_nobody_has_room_for(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_content: bytes) -> str:
        raise QuotaExceeded("run 7 has handed in 50 artifacts", next_step="none")

    monkeypatch.setattr(kept, "_put", full)
    (kept.folder / "a").write_text("a")
    assert kept.keep() is None
    assert "50 artifacts" in kept.said[0]


def passed(name: str) -> TestResult:
    return TestResult(name, CheckVerdict.GREEN, 0.1)


def test_tests_are_called_as_their_scenarios(tmp_path: Path) -> None:
    step = {"keyword": "Given", "name": "a menu", "result": {"status": "passed"}}
    outline = [{"id": f"test_many[{n}]", "name": "many", "steps": [step]} for n in (1, 2)]
    (tmp_path / "c.json").write_text(json.dumps([{"name": "Ordering", "elements": outline}]))
    found = with_scenarios(
        [passed("t::test_many[1]"), passed("t::test_plain"), passed("t::test_many[2]")], tmp_path / "c.json"
    )
    assert [one.scenario and (one.scenario.feature, one.scenario.name) for one in found] == [
        ("Ordering", "many"),
        None,
        ("Ordering", "many"),
    ]
    assert [(one.text, one.verdict) for one in found[0].scenario.steps] == [("Given a menu", "passed")]  # type: ignore[union-attr]  # see above


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["elements", "steps", "id", "name", "result", "keyword", "status"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_stands_there_instead_changes_no_result(
    tmp_path_factory: pytest.TempPathFactory, said: object
) -> None:
    file = tmp_path_factory.getbasetemp() / "said.json"
    file.write_text(json.dumps(said))
    tests = (passed("a::b"), passed("c"))
    found = with_scenarios(tests, file)
    assert [(one.name, one.verdict, one.seconds) for one in found] == [
        (one.name, one.verdict, one.seconds) for one in tests
    ]
