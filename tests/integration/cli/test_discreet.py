"""What a command makes is its user's alone, but what he asked for by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import os
from pathlib import Path
from odmd.cli.discreet import be_discreet, for_the_user
os.umask({umask})
be_discreet()
Path("state").mkdir()
with for_the_user():
    Path("asked").write_text("")
Path("state/ours").write_text("")
os.system("touch state/of-a-child")
"""


@pytest.mark.parametrize(("umask", "asked"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_the_users_umask_is_for_what_he_asked_for(tmp_path: Path, umask: int, asked: int) -> None:
    subprocess.run([sys.executable, "-c", PROGRAM.format(umask=umask)], cwd=tmp_path, check=True)
    made = {str(one.relative_to(tmp_path)): one.stat().st_mode & 0o777 for one in tmp_path.rglob("*")}
    assert made == {"asked": asked, "state": 0o700, "state/ours": 0o600, "state/of-a-child": 0o600}


def test_what_init_makes_is_to_be_shared(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", 'umask 022; exec "$@"', "sh", sys.executable, "-m", "odmd", "init", "acme"]
    subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    assert {one.stat().st_mode & 0o044 for one in (tmp_path / "acme").rglob("*")} == {0o044}
