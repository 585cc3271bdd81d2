"""The API does what its OpenAPI document says, whatever is thrown at it: schemathesis, bounded and with one seed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from odmd.control.access.writes import MARK
from support.served import Served, bearer
from support.soak import rounds
from support.worlds import graph_of, node, wire

if TYPE_CHECKING:  # it is imported where it is used: each process that runs tests collects this file, and one runs it
    import schemathesis
    from schemathesis.specs.openapi.schemas import OpenApiSchema

OWN_ARTIFACT = "/api/v1/runs/{run}/attempts/{attempt}/artifacts/{digest}"
OPERATIONS = (
    ["GET /healthz", "GET /readyz", "GET /metrics", "POST /webhooks/github"]
    + [
        f"GET /api/v1/{noun}"
        for noun in (
            "envers",
            "runs",
            "values",
            "waves",
            "pauses",
            "delegations",
            "clones",
            "log",
            "contracts",
            "graph",
            "dora",
            "subscribers",
            "troubles",
            "secrets",
            "audit",
            "audit/entries",
            "history",
            "provenance",
            "reached",
            "comparison",
            "lag",
            "costs",
            "overview",
            "questions",
            "neighbourhood",
            "search",
            "where",
        )
    ]
    + [
        f"GET /api/v1/envers/{{build}}/{{slot}}{more}"
        for more in ("", "/why", "/earlier", "/document", "/documents", "/checks", "/reports")
    ]
    + ["GET /api/v1/runs/{run}", "GET /api/v1/changes/{wave}", "GET /api/v1/tokens"]
    + [
        f"POST /api/v1/{noun}"
        for noun in (
            "answers",
            "questions",
            "delegations",
            "pauses",
            "pins",
            "releases",
            "verifications",
            "changes",
            "plans",
            "preflights",
            "drifts",
            "drift-acceptances",
            "tokens",
        )
    ]
    + ["POST /api/v1/runs/{run}:cancel", "POST /api/v1/contracts:reload"]
    + ["GET /api/v1/runs/{run}/log", "POST /api/v1/runs/{run}/claims"]
    + [f"POST /api/v1/runs/{{run}}/attempts/{{attempt}}/{what}" for what in ("beat", "steps", "lines", "end")]
    + [f"POST /api/v1/runs/{{run}}/attempts/{{attempt}}/{what}" for what in ("prepared", "given-back")]
    + ["POST /api/v1/runs/{run}/rights"]
    + ["GET /api/v1/artifacts/{digest}", f"GET {OWN_ARTIFACT}", f"PUT {OWN_ARTIFACT}"]
    + ["POST /api/v1/deployability", "POST /api/v1/held-answers", "DELETE /api/v1/held-answers/{enver}"]
    + [f"GET /api/v1/config{what}" for what in ("", "/layers", "/layers/versions", "/moved", "/problems")]
    + ["PUT /api/v1/config/layers", "PATCH /api/v1/config/layers", "PUT /api/v1/secrets"]
    + [
        "PATCH /api/v1/clones/{clone}",
        "DELETE /api/v1/delegations/{team}/{to}",
        "DELETE /api/v1/pauses/{scope}",
        "DELETE /api/v1/tokens/{token}",
        "DELETE /api/v1/sessions/{session}",
    ]
    + ["POST /api/v1/handovers", "POST /api/v1/browser", "DELETE /api/v1/browser"]
    + ["GET /api/v1/identities", "GET /api/v1/whoami", "GET /api/v1/sessions", "POST /api/v1/sessions"]
)
OF_OWN_FORMS = (
    "GET /api/v1/config/layers/versions",
    "PUT /api/v1/config/layers",
    "PATCH /api/v1/config/layers",
    "PUT /api/v1/secrets",
)
READ_REPOSITORIES = ("POST /api/v1/plans", "POST /api/v1/preflights", "POST /api/v1/changes")
AWS_IS_AWAY = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_ACCESS_KEY_ID": "111122223333",
    "AWS_SECRET_ACCESS_KEY": "of-nobody",
    "AWS_MAX_ATTEMPTS": "1",
}
"""Whoever looks at what runs need asks nobody else's account."""
ENDLESS = ["GET /api/v1/events"]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    graph = graph_of([node(0), node(1, [wire(0, 1)]), node(2, [wire(1, 2, mode="gated")])])
    with pytest.MonkeyPatch.context() as patched:
        for name, text in AWS_IS_AWAY.items():
            patched.setenv(name, text)
        with Served(graph, tmp_path_factory.mktemp("server")).serving() as made:
            made.deploy()
            yield made


@pytest.fixture(scope="module")
def schema(deployed: Served) -> OpenApiSchema:
    """Read once: what is resolved and compiled of it serves all operations."""
    import schemathesis
    from schemathesis.checks import load_all_checks

    load_all_checks()
    return schemathesis.openapi.from_url(f"{deployed.url}/api/v1/openapi.json")


def test_every_operation_is_tried(deployed: Served) -> None:
    paths = httpx.get(f"{deployed.url}/api/v1/openapi.json").json()["paths"]
    there = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
    assert sorted(there) == sorted([*OPERATIONS, *ENDLESS])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_it_keeps_to_its_schema(deployed: Served, schema: OpenApiSchema, operation: str) -> None:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

    method, path = operation.split(" ")

    @given(case=schema[path][method].as_strategy())
    @settings(
        max_examples=rounds(9, 25),
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def try_it(case: schemathesis.Case) -> None:
        # The repositories that a plan reads are not there, which is no fault of whoever asks; nor can the document say
        # which bytes have a digest, whose an attempt is, which layers there are, or what fits one.
        answer = case.call(headers={MARK: "1"} | bearer(deployed.own))
        unsaid = [positive_data_acceptance] if "/attempts/" in operation or operation in OF_OWN_FORMS else []
        case.validate_response(answer, excluded_checks=[ignored_auth, not_a_server_error, *unsaid])
        assert answer.status_code < 500 or (operation in READ_REPOSITORIES and answer.status_code == 503)

    try_it()


def test_the_document_is_of_the_release_and_stable(deployed: Served) -> None:
    document = httpx.get(f"{deployed.url}/api/v1/openapi.json").json()
    names = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(set(names)) == len(names)
    assert {path.removeprefix("/api/v1") for path in document["paths"]} >= {"/envers", "/changes", "/events"}


def test_no_path_of_this_machine_stands_in_an_answer(deployed: Served, tmp_path: Path) -> None:
    with deployed.http() as api:
        for noun in ("envers", "runs", "values", "waves", "log", "contracts", "graph"):
            assert str(tmp_path.parent) not in api.get(f"/{noun}").text
