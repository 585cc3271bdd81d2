"""An effect that fails says why until it is done, and not at each attempt."""

from __future__ import annotations

import pytest

from odmd.control.reading.troubles import NAME, Troubles, forget_troubles, troubles
from odmd.control.scheduler.effects import ClearMirror, Effect, MirrorProduct, RemoveEnver, RemoveRetired, SendLater
from odmd.control.scheduler.messages import Tick
from odmd.errors import CloudRefused, CloudUnreachable
from odmd.model.targets import Target
from odmd.store.memory import MemoryStore

MIRROR = MirrorProduct("shop/b..main/bus")
ALL: list[Effect] = [
    MIRROR,
    RemoveRetired("shop/b..main/bus", 3),
    RemoveEnver("shop/b..main", Target("111122223333", "us-west-1"), None, ""),
    ClearMirror("shop/b..main", "us-west-1"),
]


class Counting(MemoryStore):
    """A store that counts what is written to its documents."""

    writes = 0

    def put(self, name: str, text: str, *, lasts: bool = True) -> None:
        self.writes += 1
        super().put(name, text)


def fail(kept: Troubles, effect: Effect, why: Exception) -> None:
    with pytest.raises(type(why)), kept.watching(effect):
        raise why


@pytest.mark.parametrize("effect", ALL)
def test_each_kind_of_effect_is_told_with_its_error_until_it_is_done(effect: Effect) -> None:
    store = MemoryStore()
    kept = Troubles(store, lambda: 7.0)
    fail(kept, effect, CloudRefused("AWS refused PutParameter: no", next_step="allow it"))
    (found,) = troubles(store)
    assert (found.enver, found.since) == ("shop/b..main", 7.0)
    assert found.why == "ODMD219 AWS refused PutParameter: no (allow it)"
    with kept.watching(effect):
        pass
    assert not troubles(store)


def test_the_same_error_is_written_once_and_another_one_takes_its_place() -> None:
    store = Counting()
    kept = Troubles(store)
    for _ in range(1000):
        fail(kept, MIRROR, CloudUnreachable("away"))
    assert store.writes == 1
    fail(kept, MIRROR, ValueError("odd"))
    assert [one.why for one in troubles(store)] == ["ODMD000 ValueError: odd"]


def test_a_great_many_are_kept_small() -> None:
    store = MemoryStore()
    kept = Troubles(store)
    for number in range(1000):
        fail(kept, MirrorProduct(f"shop{number}/b..main/bus"), CloudUnreachable("away"))
    assert len(troubles(store)) == 100


def test_the_next_control_plane_takes_them_up() -> None:
    store = MemoryStore()
    fail(Troubles(store), MIRROR, CloudUnreachable("away"))
    later = Troubles(store)
    with later.watching(MIRROR):
        pass
    assert not troubles(store)


def test_timers_trouble_nobody_and_forgotten_effects_leave_nothing() -> None:
    store = MemoryStore()
    kept = Troubles(store)
    fail(kept, SendLater(1.0, Tick(1.0)), CloudUnreachable("away"))
    assert not troubles(store)
    forget_troubles(store)
    assert store.get(NAME) is None
    fail(kept, MIRROR, CloudUnreachable("away"))
    forget_troubles(store)
    assert not troubles(store)


def test_what_others_say_is_kept_without_secrets() -> None:
    kept = Troubles(store := MemoryStore(), discreet=lambda said: said.replace("s3cret", "***"))
    kept.note(MIRROR, "refused: s3cret")
    assert [one.why for one in kept.now()] == ["refused: ***"]
    assert "s3cret" not in (store.get(NAME) or "")
