"""What was found of two documents is known to the next command, and no more of it is kept than there is room for."""

from __future__ import annotations

import pytest

from odmd.control.leading import verdicts
from odmd.control.leading.verdicts import KeptVerdicts
from odmd.graph.schemas import Comparison, Json
from odmd.graph.schemas.comparer import Comparer
from odmd.store.memory import MemoryStore

BOTH: Json = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
DOCUMENTS = {"one": BOTH, "other": {**BOTH, "required": []}}


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(lambda _position, _effects: None)


def nothing(digest: str) -> Json | None:
    raise AssertionError(f"{digest} was asked for")


def test_the_next_command_compares_nothing_and_looks_no_document_up(store: MemoryStore) -> None:
    kept = KeptVerdicts(store)
    found = Comparer(DOCUMENTS.get, kept).compare("other", "one")
    assert found.misfits == ("a is optional",)
    kept.keep()
    assert Comparer(nothing, KeptVerdicts(store)).compare("other", "one") == found


def test_what_was_not_kept_is_asked_for_again(store: MemoryStore) -> None:
    kept = KeptVerdicts(store)
    assert Comparer({"one": BOTH}.get, kept).compare("one", "gone").doubts
    kept.keep()
    assert Comparer({**DOCUMENTS, "gone": BOTH}.get, KeptVerdicts(store)).compare("one", "gone").fits


def test_another_release_compares_anew(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = KeptVerdicts(store)
    Comparer(DOCUMENTS.get, kept).compare("other", "one")
    kept.keep()
    monkeypatch.setattr(verdicts, "comparer_release", lambda: "another")
    with pytest.raises(AssertionError, match="other was asked for"):
        Comparer(nothing, KeptVerdicts(store)).compare("other", "one")


def test_a_shelf_that_nobody_can_read_is_an_empty_one(store: MemoryStore) -> None:
    for shelf in range(64):
        store.put(f"verdicts/{shelf}", '{"verdicts": 7}')
    assert Comparer(DOCUMENTS.get, KeptVerdicts(store)).compare("one", "other").fits


def test_a_shelf_forgets_its_oldest_verdicts(store: MemoryStore) -> None:
    kept = KeptVerdicts(store)
    long = Comparison(("x" * 300_000,))
    keys = [verdicts.Compared("written", f"read{at}", (), "") for at in range(5)]
    for key in keys:
        kept.add(key, long)
    kept.keep()
    known = [KeptVerdicts(store).find(key) == long for key in keys]
    assert known == [False, False, True, True, True]
