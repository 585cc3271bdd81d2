"""What a pre-release follows from: what its build reads and is given, and whose it is; nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from odmd.control.running.place import Workplace
from odmd.control.running.procedures import Job
from odmd.graph import EnverNode
from odmd.providers.packages.content import content_of
from support.jobs import job
from support.worlds import node, wire

ENVER = node(0, [wire(1, 0)._replace(name="note")], products=(), folder="lib", also=("shared.txt",))


def made(root: Path, enver: EnverNode = ENVER, note: str = "a") -> Job:
    """A checkout with a build's folder, a file that it reads beside that, and one that is of no concern."""
    place = Workplace(root)
    for name in ("lib/a.js", "lib/deep/b.js", "shared.txt", "README.md"):
        (place.source / name).parent.mkdir(parents=True, exist_ok=True)
        (place.source / name).write_text(f"{name}\n")
    (place.source / "lib" / "link").symlink_to("a.js")
    return job(place, enver, texts={"note": note})


def content(root: Path, change: Callable[[Path], object] = lambda _: None) -> str:
    one = made(root)
    change(one.place.source)
    return content_of(one)


def test_the_same_files_have_one_wherever_and_whenever_they_were_checked_out(tmp_path: Path) -> None:
    def touch(source: Path) -> None:
        os.utime(source / "lib" / "a.js", (7, 7))
        (source / "README.md").write_text("of no concern")
        (source / "lib" / ".git").mkdir()
        (source / "lib" / ".git" / "HEAD").write_text("another commit")

    assert content(tmp_path / "one") == content(tmp_path / "other", touch)


@pytest.mark.parametrize(
    "change",
    [
        lambda source: (source / "lib" / "a.js").write_text("other\n"),
        lambda source: (source / "lib" / "a.js").rename(source / "lib" / "c.js"),
        lambda source: (source / "lib" / "a.js").chmod(0o755),
        lambda source: (source / "lib" / "deep" / "b.js").unlink(),
        lambda source: (source / "lib" / "link").unlink() or (source / "lib" / "link").symlink_to("deep/b.js"),
        lambda source: (source / "lib" / "link").unlink() or (source / "lib" / "link").write_text("a.js"),
        lambda source: (source / "shared.txt").write_text("other\n"),
        lambda source: (source / "lib" / "new").touch(),
    ],
    ids=["text", "name", "program", "gone", "link", "no link", "beside", "new"],
)
def test_other_files_have_another_one(tmp_path: Path, change: Callable[[Path], object]) -> None:
    assert content(tmp_path / "one") != content(tmp_path / "other", change)


def test_other_values_and_other_envers_have_another_one(tmp_path: Path) -> None:
    one = content_of(made(tmp_path / "one"))
    assert content_of(made(tmp_path / "values", note="b")) != one
    assert content_of(made(tmp_path / "slot", replace(ENVER, slot="b..fix-1"))) != one


def test_a_build_reads_its_values_by_variables(tmp_path: Path) -> None:
    assert made(tmp_path).variables == {"ODMD_IN_NOTE": "a"}
