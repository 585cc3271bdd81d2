"""What somebody typed behind an enver's name is a commit only where it cannot be the enver's own."""

from __future__ import annotations

import pytest

from odmd.cli.can_i_deploy import split


@pytest.mark.parametrize(
    ("typed", "enver", "commit"),
    [
        ("orders@main", "orders@main", ""),
        ("orders@main@4f2a91c", "orders@main", "4f2a91c"),
        ("orders/b..main@4f2a91c", "orders/b..main", "4f2a91c"),
        ("orders@deadbeef", "orders@deadbeef", ""),
        ("orders@main@v1", "orders@main@v1", ""),
        ("orders@main@abc", "orders@main@abc", ""),
    ],
)
def test_a_commit_behind_a_name(typed: str, enver: str, commit: str) -> None:
    assert split(typed) == (enver, commit)
