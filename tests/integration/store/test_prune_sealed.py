"""Of texts of private settings that are old, exactly those go that nothing refers to."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from store_samples import PRINT, append, enver, run

from odmd.control.ports.log import Touched
from odmd.control.scheduler.messages import Head, StartChange
from odmd.control.scheduler.runs import RunStatus
from odmd.plan.settings import PlannedSettings
from odmd.store.append import Keep
from odmd.store.key_file import make_key_file
from odmd.store.prune_sealed import prune_sealed
from odmd.store.schema import sealed
from odmd.store.sealing import KeyRing
from odmd.store.settings import SqlSealed
from odmd.store.sql import SqlStore
from odmd.store.where import Where
from support.actors import SOMEBODY
from support.soak import examples

YEAR = 365 * 86_400.0
SINCE = Keep(runs=1, waves=1)


class At(Enum):
    """Who refers to a text."""

    DEPLOYED = "what an enver surely runs"
    WANTED = "what an enver is to run"
    RUN = "a run that is kept"
    PENDING = "a message that nobody handled"
    HANDLED = "a message that somebody handled, and that is kept still"
    PLAN = "a plan that somebody looked at: who carries it out keeps its texts again"
    NOBODY = "nobody"


REFERS = {At.DEPLOYED, At.WANTED, At.RUN, At.PENDING}


class Kept:
    """A state, and texts of which each is one place's."""

    def __init__(self, where: Where, key: Path) -> None:
        self.store = SqlStore(where)
        master = make_key_file(key)
        self.sealed = SqlSealed(self.store.database, KeyRing(self.store.database, lambda: master))
        self.used = 0

    def say(self, at: At) -> str:
        """A text at one of these places; its identity."""
        self.used += 1
        n, text = self.used, f"text {self.used}"
        identity = self.sealed.identity(text)
        said = PlannedSettings(runtime=(("prices", identity),)) if n % 2 else PlannedSettings((("tables", identity),))
        print_, address = replace(PRINT, settings=said), f"orders{n}/b..main"
        self.sealed.keep({identity: text})
        match at:
            case At.DEPLOYED:
                append(self.store, touched=Touched(envers=[enver(address, deployed=print_)]))
            case At.WANTED:
                append(self.store, touched=Touched(envers=[enver(address, settings=said)]))
            case At.RUN:
                ended = replace(run(n, address, RunStatus.SUCCEEDED), fingerprint=print_)
                append(self.store, touched=Touched(runs=[ended]))
            case At.PENDING | At.HANDLED:
                heads = (Head(address, "c" * 40, "sha256:slice", settings=said),)
                self.store.receive(f"m{n}", StartChange("why", SOMEBODY, "sha256:plan", heads), time.time())
                if at is At.HANDLED:
                    append(self.store, handled=[f"m{n}"])
            case At.PLAN:
                self.store.put(f"plan/sha256:{n}", f'{{"settings": "{identity}"}}')
            case At.NOBODY:
                pass
        return identity

    def age(self, ages: Mapping[str, float]) -> None:
        with self.store.database.writing() as connection:
            for identity, seconds in ages.items():
                one = sealed.c.identity == identity
                connection.execute(update(sealed).where(one).values(at=time.time() - seconds))

    def prune(self) -> int:
        return prune_sealed(self.store.database, time.time() - YEAR)


@settings(max_examples=examples(20))
@given(said=st.lists(st.tuples(st.sampled_from(At), st.booleans()), min_size=1, max_size=12))
def test_exactly_what_is_old_and_nobodys_goes(said: list[tuple[At, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kept = Kept(Path(folder) / "state.db", Path(folder) / "settings.key")
        ages = {kept.say(at): (2 * YEAR if is_old else 0.0, at) for at, is_old in said}
        kept.age({identity: age for identity, (age, _) in ages.items()})
        stays = {identity for identity, (age, at) in ages.items() if at in REFERS or not age}
        kept.store.prune(time.time() - YEAR, SINCE)
        assert kept.sealed.find(ages).keys() == stays
        assert kept.prune() == 0
        kept.store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    where = request.getfixturevalue("postgres") if request.param == "postgres" else tmp_path / "state.db"
    return Kept(where, tmp_path / "settings.key")


def test_more_than_fit_into_one_look_are_looked_at(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("odmd.store.prune_sealed._AT_ONCE", 2)
    ages = {kept.say(at): at for at in (*At, *At)}
    kept.age(dict.fromkeys(ages, 2 * YEAR))
    assert kept.prune() == sum(at not in REFERS for at in ages.values())
    assert kept.sealed.find(ages).keys() == {identity for identity, at in ages.items() if at in REFERS}


def test_who_keeps_a_text_again_has_it_before_or_after_a_look(kept: Kept) -> None:
    identity = kept.say(At.NOBODY)
    kept.age({identity: 2 * YEAR})
    kept.sealed.keep({identity: "text 1"})
    assert kept.prune() == 0, "it is young again"
    kept.age({identity: 2 * YEAR})
    assert kept.prune() == 1
    kept.sealed.keep({identity: "text 1"})
    assert kept.sealed.find([identity]) == {identity: "text 1"}


def test_what_is_referred_to_is_not_looked_for_again_before_it_is_old_again(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = kept.say(At.DEPLOYED)
    kept.age({identity: 2 * YEAR})
    assert kept.prune() == 0
    monkeypatch.setattr("odmd.store.prune_sealed._referred_to", lambda *_: pytest.fail("nothing is old"))
    assert kept.prune() == 0


def test_however_little_is_kept_what_is_of_today_stays(kept: Kept) -> None:
    identity = kept.say(At.NOBODY)
    assert prune_sealed(kept.store.database, time.time() + 60) == 0
    assert kept.sealed.find([identity])


def test_an_identity_that_begins_as_another_does_is_told_apart(kept: Kept) -> None:
    append(
        kept.store, touched=Touched(envers=[enver("orders/b..main", settings=PlannedSettings((("a", "sha256:12"),)))])
    )
    kept.sealed.keep({"sha256:1": "short", "sha256:12": "long"})
    kept.age({"sha256:1": 2 * YEAR, "sha256:12": 2 * YEAR})
    kept.prune()
    assert "sha256:12" in kept.sealed.find(["sha256:12"])
