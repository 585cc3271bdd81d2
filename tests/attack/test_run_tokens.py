"""The right to one run: what it reaches, for how long, and how much may be handed in with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pytest

from odmd.bootstrap.quotas import Quotas
from odmd.client.connection import Connection
from odmd.client.desk import RemoteDesk
from odmd.control.ports.journal import DoneStep
from odmd.control.running.steps import PREPARE
from odmd.control.scheduler.actor import Scope
from odmd.store.artifacts import SqlArtifacts
from support.job import Job, digest, right, told
from support.served import Served, on_both


def claimed(served: Served, run: int) -> Job:
    job = Job(served, right(served, run), f"agent-{run}")
    assert job.claim(run).status_code == 201
    return job


@on_both
def test_a_token_ends_with_its_run(served: Served) -> None:
    """Has the token of a run that ended, and its secret, from an old job's log. Wants to read, and to hand in more."""
    job, content = claimed(served, 1), b"assembly"
    assert job.put(1, content).status_code == 204
    assert job.post(1, "end", {"recipe": digest(content)}).status_code == 204
    for answer in (job.get(1, digest(content)), job.put(1, b"more"), job.step(1), job.post(1, "beat"), job.claim(1)):
        assert told(answer) == (401, "ODMD302")
    assert job.post(1, "end", {"error": "said again, as the answer was lost"}).status_code == 204
    run = served.store.run(1)
    assert run is not None
    assert not run.error


def test_a_run_reads_no_artifact_of_another_one(served: Served) -> None:
    """Has the right to a run, and the digest of another enver's assembly. Wants to read it: templates tell a lot."""
    victim, attacker, content = claimed(served, 1), claimed(served, 2), b'{"stacks": ["secret"]}'
    assert victim.put(1, content).status_code == 204
    assert told(attacker.get(2, digest(content))) == told(attacker.get(2, digest(b"nothing"))) == (404, "ODMD305")
    assert told(attacker.get(1, digest(content))) == (403, "ODMD303")
    assert told(attacker.send("GET", f"/artifacts/{digest(content)}")) == (403, "ODMD303")
    assert victim.get(1, digest(content)).status_code == 200
    for scope, status in ((Scope.READ, 403), (Scope.WRITE, 200)):
        with served.http(served.token(scope).text) as person:
            assert person.get(f"/artifacts/{digest(content)}").status_code == status


def test_a_run_names_no_assembly_of_another_one(served: Served) -> None:
    """Has the right to a run. Wants another enver's assembly to count as its own: to read it, to have it deployed."""
    victim, attacker, content = claimed(served, 1), claimed(served, 2), b'{"stacks": ["secret"]}'
    assert victim.put(1, content).status_code == 204
    step = json.dumps({"recipe": digest(content), "folder": "/"})
    assert told(attacker.step(2, PREPARE, step)) == (422, "ODMD304")
    for nonsense in ("[]", "{}", "no JSON", "[" * 100_000, '"x"', "null"):
        assert told(attacker.step(2, PREPARE, nonsense)) == (422, "ODMD304")
    assert told(attacker.post(2, "end", {"recipe": digest(content)})) == (422, "ODMD304")
    assert told(attacker.get(2, digest(content))) == (404, "ODMD305")
    assert victim.step(1, PREPARE, step).status_code == 204


def test_a_run_names_no_report_of_another_one(served: Served) -> None:
    """Has the right to a run. Wants another enver's reports, or its assembly, to be shown as its own."""
    victim, attacker = claimed(served, 1), claimed(served, 2)
    assert victim.put(1, b"assembly").status_code == 204
    assert victim.put(1, b"report", report=True).status_code == 204
    for content in (b"assembly", b"report"):
        assert told(attacker.step(2, "verify smoke", checked(content))) == (422, "ODMD304")
    assert attacker.put(2, b"assembly", report=True).status_code == 204, "who has the content may say it again"
    assert attacker.step(2, "verify smoke", checked(b"assembly")).status_code == 204
    with served.http(served.token(Scope.READ).text) as person:
        first, second = (served.store.run(n).enver for n in (1, 2))  # type: ignore[union-attr]  # they were claimed
        assert told(person.get(f"/envers/{second}/reports", params={"run": 2, "check": "smoke"})) == (404, "ODMD294")
        assert victim.step(1, "verify smoke", checked(b"report")).status_code == 204
        asked = {"run": 1, "check": "smoke"}
        assert told(person.get(f"/envers/{second}/reports", params=asked)) == (404, "ODMD294")
        answer = person.get(f"/envers/{first}/reports", params=asked)
        assert (answer.content, answer.headers["Content-Type"]) == (b"report", "application/octet-stream")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="reports-1.tar"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_checks_leave_at_an_agent_is_a_report_at_the_server(served: Served) -> None:
    """Attacks nothing: the client of an agent hands in what a check left."""
    with ExitStack() as opened:
        connection = Connection(served.url, right(served, 1))
        opened.callback(connection.close)
        desk = RemoteDesk(connection, served.service.compiled)
        opened.callback(desk.close)
        claim = desk.claim("agent-1", 1)
        assert claim is not None
        report, recipe = desk.put_report(b"an archive"), desk.put(b"a recipe")
        reports = {"digest": report, "files": [{"name": "junit.xml", "size": 1}]}
        found = json.dumps({"verdict": "green", "said": "fine", "reports": reports})
        desk.record(claim, DoneStep("verify smoke", found, 1.0, 1.0))
    kept = SqlArtifacts(served.store.database)
    assert (kept.report(report), kept.report(recipe)) == (b"an archive", None)


def checked(content: bytes) -> str:
    reports = {"digest": digest(content), "files": [{"name": "a", "size": 1}]}
    return json.dumps({"verdict": "green", "said": "fine", "tests": [], "reports": reports})


def test_what_a_standing_worker_made_before_is_there_for_the_next_attempt(served: Served) -> None:
    """Attacks nothing: an agent goes on where a worker on the database left off."""
    content = SqlArtifacts(served.store.database).put(b"made by a worker")
    job = claimed(served, 1)
    served.store.record(1, 1, DoneStep(PREPARE, json.dumps({"recipe": content, "folder": "/"}), 1.0, 1.0))
    assert job.get(1, content).status_code == 200


@on_both
@pytest.mark.parametrize(
    ("quotas", "hand_in"),
    [
        (Quotas(steps=2), lambda job, n: job.step(1, f"{n}")),
        (Quotas(steps_mb=1), lambda job, n: job.step(1, f"{n}", "x" * 400_000)),
        (Quotas(artifacts=2), lambda job, n: job.put(1, f"{n}".encode())),
    ],
    ids=["steps", "megabytes of steps", "artifacts"],
)
def test_one_run_does_not_fill_the_disk(
    served: Served, quotas: Quotas, hand_in: Callable[[Job, int], httpx.Response]
) -> None:
    """Has the right to a run. Wants the server's disk to be full."""
    served.service.settings = replace(served.service.settings, quotas=quotas)
    job = claimed(served, 1)
    assert [told(hand_in(job, n)) for n in range(3)] == [(204, ""), (204, ""), (413, "ODMD331")]
    assert job.post(1, "beat").status_code == 200, "the run goes on"


def test_bytes_of_artifacts_are_counted_as_they_inflate(served: Served) -> None:
    """Has the right to a run. Wants to hand in a megabyte that is many."""
    served.service.settings = replace(served.service.settings, quotas=Quotas(artifacts_mb=1))
    job = claimed(served, 1)
    assert job.put(1, b"\0" * 900_000).status_code == 204
    assert told(job.put(1, b"\0" * 900_001)) == (413, "ODMD331")


def test_a_flood_of_lines_is_dropped_and_the_run_goes_on(served: Served) -> None:
    """Has the right to a run. Wants to push out what others said, or to fill the disk."""
    served.service.settings = replace(served.service.settings, quotas=Quotas(lines=10))
    job = claimed(served, 1)
    lines = [{"at": 1, "text": "x"}] * 1000
    assert {job.post(1, "lines", {"lines": lines}).status_code for _ in range(3)} == {204}
    assert job.post(1, "lines", {"lines": [{"at": 1, "text": "deployed", "lasting": True}]}).status_code == 204
    kept = served.run_log.lines(1)
    assert (len(kept), kept[-1].text) == (11, "deployed")
