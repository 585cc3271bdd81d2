"""Whose an attempt is, and what was handed in for a run: in memory, on SQLite and on Postgres alike."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from store_samples import claimed, run

from odmd.control.access.claims import Amount, Claims, new_secret
from odmd.control.access.tokens import SignedIn, Token
from odmd.control.ports.journal import DoneStep
from odmd.control.ports.log import Touched
from odmd.control.scheduler.actor import ActorKind, Scope
from odmd.control.scheduler.runs import RunStatus
from odmd.store.claims import MemoryClaims, SqlClaims
from odmd.store.sql import SqlStore
from odmd.store.tokens import SqlTokens
from support.actors import SOMEBODY
from support.state_files import state_file

MINE, OTHER = new_secret(), new_secret()
HandIn = Callable[[Claims, int, int, Amount], Amount | None]
PLENTY = Amount(9, 1000)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def claims(request: pytest.FixtureRequest, tmp_path) -> Iterator[Claims]:
    if request.param == "memory":
        yield MemoryClaims()
        return
    store = SqlStore(state_file(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres"))
    yield SqlClaims(store.database)
    store.close()


def test_an_attempt_is_who_claimed_it_first_s_however_often_he_asks(claims: Claims) -> None:
    assert claims.own(1, 1, "t1", MINE)
    assert claims.own(1, 1, "t1", MINE)
    for token, secret in (("t2", MINE), ("t1", OTHER), ("", MINE), ("t1", "")):
        assert not claims.own(1, 1, token, secret)
        assert not claims.is_of(1, 1, token, secret)
    assert claims.is_of(1, 1, "t1", MINE)
    assert not claims.is_of(1, 2, "t1", MINE)
    assert not claims.is_of(2, 1, "t1", MINE)


def test_an_attempt_that_nobody_claimed_over_http_is_nobody_s(claims: Claims) -> None:
    assert not claims.is_of(1, 1, "", "")


def test_what_was_handed_in_is_known_by_run_and_once(claims: Claims) -> None:
    for run_, digest in ((1, "sha256:a"), (1, "sha256:a"), (1, "sha256:b"), (2, "sha256:a")):
        assert claims.hand_in(run_, digest, 7, b"", PLENTY) is None
    assert [claims.handed_in(one) for one in (1, 2, 3)] == [{"sha256:a": 7, "sha256:b": 7}, {"sha256:a": 7}, {}]


def artifact(claims: Claims, n: int, size: int, most: Amount) -> Amount | None:
    return claims.hand_in(1, f"sha256:{n}", size, b"", most)


def step(claims: Claims, n: int, size: int, most: Amount) -> Amount | None:
    return claims.journal(1, 1, DoneStep(f"step {n}", "x" * size, 1.0, 1.0), most)


@pytest.mark.parametrize("hand_in", [artifact, step])
def test_what_a_run_hands_in_is_kept_while_there_is_room(claims: Claims, hand_in: HandIn) -> None:
    assert hand_in(claims, 1, 4, Amount(2, 10)) is None
    assert hand_in(claims, 2, 7, Amount(2, 10)) == Amount(1, 4)
    assert hand_in(claims, 2, 6, Amount(2, 10)) is None
    assert hand_in(claims, 3, 0, Amount(2, 10)) == Amount(2, 10)
    assert hand_in(claims, 1, 4, Amount(2, 10)) is None, "it is there"


@pytest.mark.parametrize("hand_in", [artifact, step])
def test_of_many_that_come_at_once_those_are_kept_for_whom_there_is_room(where, hand_in: HandIn) -> None:
    store = SqlStore(where)
    together = threading.Barrier(8)

    def at_once(n: int) -> Amount | None:
        own = SqlClaims(store.database)
        together.wait()
        return hand_in(own, n, 1, Amount(3, 1000))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(at_once, range(8)))
    store.close()
    assert answers.count(None) == 3
    assert {one for one in answers if one} == {Amount(3, 3)}


def test_claims_of_runs_that_ended_are_forgotten(where) -> None:
    store = SqlStore(where)
    claims = SqlClaims(store.database)
    runs = [run(1, status=RunStatus.SUCCEEDED), run(2, status=RunStatus.CLAIMED)]
    store.commit(0, [], [claimed(1)], Touched(runs=runs), [])
    for one in (1, 2):
        claims.own(one, 1, "t", MINE)
        claims.hand_in(one, "sha256:a", 1, b"", PLENTY)
    store.prune(1e11)
    assert [claims.is_of(one, 1, "t", MINE) for one in (1, 2)] == [False, True]
    assert [claims.handed_in(one) for one in (1, 2)] == [{"sha256:a": 1}] * 2, "who made what is stored is always known"
    store.close()


def test_who_handed_in_a_report_is_forgotten_with_it_when_its_run_ended(where) -> None:
    store = SqlStore(where)
    claims = SqlClaims(store.database)
    runs = [run(1, status=RunStatus.SUCCEEDED), run(2, status=RunStatus.CLAIMED)]
    store.commit(0, [], [claimed(1)], Touched(runs=runs), [])
    for one in (1, 2):
        claims.hand_in(one, "sha256:recipe", 1, b"", PLENTY)
        claims.hand_in(one, "sha256:report", 1, b"", PLENTY, is_report=True)
    store.prune(1e11)
    kept = [set(claims.handed_in(one)) for one in (1, 2)]
    assert kept == [{"sha256:recipe"}, {"sha256:recipe", "sha256:report"}]
    assert store.came_in("sha256:recipe")
    store.close()


def test_no_secret_is_kept(tmp_path) -> None:
    store = SqlStore(tmp_path / "state.db")
    SqlClaims(store.database).own(1, 1, "t", MINE)
    store.close()
    assert MINE.encode() not in (tmp_path / "state.db").read_bytes()


@pytest.mark.parametrize("is_jobs", [True, False], ids=["of a job", "that somebody made"])
def test_a_right_of_a_job_goes_when_it_expired_long_ago(tmp_path, is_jobs: bool) -> None:
    store = SqlStore(tmp_path / "state.db")
    tokens = SqlTokens(tmp_path / "state.db")
    session = SignedIn("jobs", "4242/9001.1", ActorKind.JOB, "GitHub says so") if is_jobs else None
    token = Token("0" * 12, "job", Scope.RUN, "jobs", 0.0, 100.0, run=1, session=session)
    tokens.add(token, "digest", SOMEBODY)
    store.prune(100.0)
    assert tokens.find(token.id)
    store.prune(101.0)
    assert (tokens.find(token.id) is None) is is_jobs
    tokens.close()
    store.close()
