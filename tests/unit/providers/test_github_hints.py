"""What is taken of webhooks, of GitHub's own examples (`@octokit/webhooks-examples`, MIT) and of nonsense."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.ports.hosts import Hint
from odmd.errors import RequestInvalid
from odmd.providers.github.app import EVENTS
from odmd.providers.github.hints import hint

EXAMPLES: Final[list[dict[str, Any]]] = json.loads(
    gzip.decompress((Path(__file__).parents[2] / "data" / "github" / "webhooks.json.gz").read_bytes())
)
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from(["full_name", "id", "number", "x"]), one),
    max_leaves=9,
)


def body(**said: Any) -> bytes:
    return json.dumps({"repository": {"full_name": "Acme/Orders", "id": 7}, **said}).encode()


def test_every_example_of_github_is_understood() -> None:
    assert {one["event"] for one in EXAMPLES} == set(EVENTS)
    for one in EXAMPLES:
        found = hint(one["event"], json.dumps(one["body"]).encode())
        if one["event"] in ("check_run", "issue_comment") and found is None:
            continue
        assert found is not None
        repository = one["body"]["repository"]
        assert (found.repository, found.id) == (repository["full_name"].lower(), repository["id"])
        if one["event"] == "pull_request":
            assert found.pull_request == one["body"]["number"]


@pytest.mark.parametrize(
    ("event", "said", "number"),
    [
        ("push", {}, None),
        ("pull_request", {"pull_request": {"number": 3}}, 3),
        ("issue_comment", {"issue": {"number": 3, "pull_request": {"url": "x"}}}, 3),
        ("check_run", {"action": "rerequested", "check_run": {"pull_requests": [{"number": 3}]}}, 3),
    ],
)
def test_it_points_to_a_repository_or_a_pull_request(event: str, said: Any, number: int | None) -> None:
    assert hint(event, body(**said)) == Hint("acme/orders", 7, number)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("issue_comment", {"issue": {"number": 3}}),
        ("check_run", {"action": "completed", "check_run": {"pull_requests": [{"number": 3}]}}),
        ("check_run", {"action": "rerequested", "check_run": {"pull_requests": []}}),
        ("star", {}),
        ("", {}),
    ],
)
def test_what_is_nothing_to_us_is_none(event: str, said: Any) -> None:
    assert hint(event, body(**said)) is None


@given(st.sampled_from(EVENTS), JSON)
def test_nonsense_is_refused_or_says_something(event: str, said: Any) -> None:
    with suppress(RequestInvalid):
        hint(event, json.dumps({"repository": said, "issue": said, "pull_request": said}).encode())
