"""A Dockerfile is somebody else's program, and its RUN lines are root of the image: they want what is the machine's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

import pytest

from odmd.errors import OdmdError
from odmd.isolation import Isolation
from odmd.providers.cage import find_cage
from odmd.providers.images.ports import ImageCloud
from support.images import Kitchen, enver, needs_buildah

pytestmark = needs_buildah
SECRET = "s3cret-of-the-worker"
NO_CLOUD = cast("ImageCloud", None)
"""Nothing is pushed here."""


@pytest.fixture
def kitchen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kitchen:
    """A machine with secrets in its home, its state and its environment, and a cage."""
    find_cage(Isolation.REQUIRED)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    for file in (tmp_path / "home" / ".aws" / "credentials", tmp_path / "state.db"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(SECRET)
    return Kitchen(tmp_path / "state", NO_CLOUD, enver("230000000001"), roots=True)


def tried(kitchen: Kitchen, script: str) -> str:
    """What a build says that runs a script, whether it comes to an end or not."""
    lines = "FROM scratch\nCOPY root /\nCOPY script /script\nRUN /bin/sh /script\n"
    kitchen.commits({"Dockerfile": lines, "script": script})
    job = kitchen.job()
    try:
        kitchen.procedure.prepare(job)
    except OdmdError as failed:
        kitchen.said.append(failed.fact)
    return "\n".join(line.partition("app: ")[2] for line in kitchen.said)


def test_it_finds_no_secret_of_the_machine(kitchen: Kitchen, tmp_path: Path) -> None:
    said = tried(
        kitchen,
        f"""
for root in "" /proc/1/root /proc/self/root; do
    for file in {tmp_path}/home/.aws/credentials {tmp_path}/state.db /root/.bash_history /etc/shadow; do
        cat $root$file && echo FOUND $root$file
    done
done
for file in /proc/[0-9]*/environ; do cat $file; done
echo
echo done looking
""",
    )
    assert "done looking" in said
    assert "FOUND" not in said
    assert SECRET not in said


def test_it_writes_nothing_of_the_machine_and_no_setting_of_the_kernel(kitchen: Kitchen, tmp_path: Path) -> None:
    setting = Path("/proc/sys/kernel/core_pattern")
    before = setting.read_text()
    said = tried(
        kitchen,
        f"""
for file in {setting} /proc/1/root{setting}; do
    read was < $file
    (echo "$was" > $file) && echo WROTE $file
done
for file in /proc/1/root/usr/bin/mine /proc/1/root/etc/passwd /proc/sysrq-trigger; do
    (echo mine >> $file) && echo WROTE $file
done
echo mine >> /proc/1/root{tmp_path}/state.db
echo done writing
""",
    )
    assert "done writing" in said
    assert "WROTE" not in said
    assert setting.read_text() == before
    assert (tmp_path / "state.db").read_text() == SECRET
    assert not Path("/usr/bin/mine").exists()


def test_it_sees_and_ends_no_process_of_the_machine(kitchen: Kitchen) -> None:
    said = tried(kitchen, f"kill -0 {os.getpid()} && echo ALIVE; echo /proc/[0-9]*")
    assert "/proc/1 " in said
    assert "ALIVE" not in said
    assert f"/proc/{os.getpid()} " not in said


def test_it_changes_no_build_of_another_enver(kitchen: Kitchen) -> None:
    mine, other = kitchen.shelf.storage("tea-image/b..main"), kitchen.shelf.storage("tea-image/b..dev")
    (other / "layer").write_text("coffee")
    said = tried(kitchen, f"(echo mine > /proc/1/root{other}/layer) && echo WROTE; ls {mine}; echo done")
    assert "done" in said
    assert "WROTE" not in said
    assert (other / "layer").read_text() == "coffee"
