"""The foreign programs once more where odmd is an ordinary user: there the kernel gives a cage to who has no rights.

What they want, and that they fail, is told where they are; here is who odmd is.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from support import ordinary
from support.soak import SOAKING


@pytest.mark.skipif(not ordinary.is_root(), reason="these tests are an ordinary user's already")
@pytest.mark.parametrize("attacker", ["app", "greedy_app", "contracts", "packages"] if SOAKING else ["app"])
def test_an_ordinary_user_is_as_safe_from_the_same_programs(attacker: str) -> None:
    file = "test_greedy_app.py" if attacker == "greedy_app" else f"test_malicious_{attacker}.py"
    with TemporaryDirectory() as home:  # pytest closes the folder of its own to others whenever it starts
        os.chown(home, ordinary.NOBODY, ordinary.NOBODY)
        code, said = ordinary.tests([Path(__file__).parent / file], Path(home))
    assert code == 0, said
    assert " passed" in said
    assert "there is none" not in said, "and no test was left out for want of a cage"
