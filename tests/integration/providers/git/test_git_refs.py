"""What we hold to be a ref is what git holds to be one."""

from __future__ import annotations

import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from odmd.model import naming
from support.soak import rounds

NAMES = st.text(st.sampled_from("aHEDx0-_./#@+{}'\"é ~^:?*[\\\x7f\t"), min_size=1, max_size=12)
WORDS = st.lists(
    st.sampled_from(("a", "HEAD", ".lock", ".", "..", "/", "-", "@", "{", "@{", "x")), min_size=1, max_size=5
)


@settings(max_examples=rounds(50, 150), deadline=None)
@given(st.one_of(NAMES, WORDS.map("".join)))
def test_git_and_we_agree_on_what_a_branch_may_be_called(name: str) -> None:
    done = subprocess.run(["git", "check-ref-format", "--branch", name], capture_output=True, check=False)
    assert naming.is_ref(name) == (done.returncode == 0)
