"""What every store of config layers does: memory, SQLite, Postgres, AWS's parameter store (the emulator's), real git.

People write to the last one themselves; to the others an edit does.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final, Protocol

import pytest

from odmd.control.config.document import EMPTY, ConfigDocument
from odmd.control.config.layers import ORGANISATION, Layer, LayerKind
from odmd.control.ports.settings import Edit, Layers
from odmd.control.scheduler.messages import NoteEdit
from odmd.errors import ConfigRefused, ConfigTooLarge, LayerMoved, SettingsUnreachable, StoreReadOnly
from odmd.model.targets import Target
from odmd.providers.aws import Emulator, Sessions, config_layers
from odmd.providers.aws.config_layers import ParameterLayers
from odmd.providers.git.config_layers import GitLayers
from odmd.providers.git.repositories import GitRepositories
from odmd.store.database import Database
from odmd.store.key_file import found_key_file
from odmd.store.sealing import KeyRing
from odmd.store.settings import MemoryLayers, SqlLayers
from support.actors import somebody

ORDERS: Final = Layer(LayerKind.ENVER, "orders/b..main")
PROMOTED: Final = Layer(LayerKind.ENVER, "orders/s..prod")
DEV: Final = Layer(LayerKind.STAGE, "dev")
BUILD: Final = Layer(LayerKind.BUILD, "orders")
HERE: Final = Target("161616161616", "us-east-1")
_NUMBERS: Final = count(1)
_NOWHERE: Final = "http://127.0.0.1:1"


def document(value: object) -> ConfigDocument:
    return ConfigDocument({"prices": {"latte": value}}, {"key": "secretsmanager:acme/k"})


def edit(said: ConfigDocument, after: int, layer: Layer = ORDERS, by: str = "ada", why: str = "for tests") -> Edit:
    return Edit(layer, said, after, somebody(by), why, ("config.prices.latte",))


class Place(Protocol):
    """A store, and how people come to say something there."""

    layers: Layers

    def say(self, layer: Layer, said: ConfigDocument, by: str = "ada", why: str = "for tests") -> None: ...


@dataclass
class Edited:
    """Where an edit writes."""

    layers: Layers
    at: Iterator[int] = field(default_factory=lambda: count(1))

    def say(self, layer: Layer, said: ConfigDocument, by: str = "ada", why: str = "for tests") -> None:
        now = self.layers.find(layer)
        self.layers.write(edit(said, now.version if now else 0, layer, by, why), float(next(self.at)))


class Committed:
    """A repository, and whoever commits to it."""

    def __init__(self, root: Path) -> None:
        self.root, self.cache = root / "config-repo", root / "cache"
        self.root.mkdir()
        self.git("init", "--quiet", "-b", "main")
        self.git("commit", "--quiet", "--allow-empty", "-m", "begin")

    @property
    def layers(self) -> GitLayers:
        """Another one each time, as each command has."""
        return GitLayers(GitRepositories(lambda _repo: f"file://{self.root}", self.cache), "acme/config")

    def say(self, layer: Layer, said: ConfigDocument, by: str = "ada", why: str = "for tests") -> None:
        of = f"/{layer.label.removeprefix(f'{layer.kind} ')}" if layer.of else ""
        self.write(f"config/{layer.kind}{of}.yaml", said.to_yaml().encode(), by, why)

    def write(self, path: str, said: bytes, by: str = "ada", why: str = "for tests") -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(said)
        self.commit(by, why)

    def commit(self, by: str, why: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", why, by=by)

    def git(self, *words: str, by: str = "ada") -> str:
        who = {f"GIT_{role}_{what}": by for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": "/dev/null"}
        done = subprocess.run(
            ["git", *words], cwd=self.root, env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()


def in_database(where: object, key: Path) -> SqlLayers:
    database = Database(where)  # type: ignore[arg-type]
    ring = KeyRing(database, lambda: found_key_file(key, ring.masters()))
    return SqlLayers(database, ring)


class Parameters:
    """A part of the parameter store for itself, and what the log was told."""

    def __init__(self, sessions: Sessions) -> None:
        self.notes = list[tuple[str, NoteEdit]]()
        self.sessions, self.prefix = sessions, f"/acme/odmd-{next(_NUMBERS)}"
        self.layers = ParameterLayers(sessions, HERE, self.prefix, "", self._note)

    def _note(self, id: str, message: NoteEdit, _at: float) -> bool:
        self.notes.append((id, message))
        return True

    def put(self, name: str, text: str, *, lasts: bool = True) -> None:
        self.sessions.ssm(HERE).put_parameter(Name=f"{self.prefix}/{name}", Value=text, Type="SecureString")

    def names(self) -> list[str]:
        pages = self.sessions.ssm(HERE).get_paginator("get_parameters_by_path")
        found = pages.paginate(Path=self.prefix, Recursive=True)
        return sorted(one["Name"].removeprefix(self.prefix) for page in found for one in page["Parameters"])


@pytest.fixture
def parameters(emulator: Emulator) -> Parameters:
    return Parameters(emulator.sessions())


@pytest.fixture
def committed(tmp_path: Path) -> Committed:
    return Committed(tmp_path)


WRITTEN: Final = ("memory", "sqlite", "postgres", "parameters")


@pytest.fixture
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Place]:
    def make(name: str) -> Place:
        match name:
            case "memory":
                return Edited(MemoryLayers())
            case "sqlite":
                return Edited(in_database(tmp_path / "state.db", tmp_path / "settings.key"))
            case "postgres":
                return Edited(in_database(request.getfixturevalue("postgres"), tmp_path / "settings.key"))
            case "parameters":
                return Edited(request.getfixturevalue("parameters").layers)
            case _:
                return request.getfixturevalue("committed")

    return make


@pytest.fixture(params=[*WRITTEN, "git"])
def place(request: pytest.FixtureRequest, made: Callable[[str], Place]) -> Place:
    return made(request.param)


@pytest.fixture(params=WRITTEN)
def layers(request: pytest.FixtureRequest, made: Callable[[str], Place]) -> Layers:
    return made(request.param).layers


class TestAnyStore:
    def test_what_nobody_said_is_not_there(self, place: Place) -> None:
        assert place.layers.newest() == {}
        assert place.layers.find(ORDERS) is None
        assert place.layers.history(ORDERS) == []

    def test_each_layer_has_what_was_said_last_and_by_whom(self, place: Place) -> None:
        for layer in (ORGANISATION, DEV, BUILD, ORDERS, PROMOTED):
            place.say(layer, document(str(layer)))
        place.say(ORDERS, document(5), "bob", "cheaper")

        newest = place.layers.newest()
        assert newest.keys() == {ORGANISATION, DEV, BUILD, ORDERS, PROMOTED}
        assert newest[DEV].document == document("stage:dev")
        assert (newest[ORDERS].document, newest[ORDERS].by, newest[ORDERS].why) == (document(5), "bob", "cheaper")
        assert place.layers.find(ORDERS) == newest[ORDERS]
        assert (newest[DEV].by, newest[DEV].unreadable) == ("ada", "")

    def test_what_was_said_before_is_there_still_the_newest_first(self, place: Place) -> None:
        place.say(ORDERS, document(4.5), why="first")
        place.say(ORGANISATION, document(1), why="beside")
        place.say(ORDERS, document(5), "bob", "second")

        second, first = place.layers.history(ORDERS)
        assert [one.document for one in (second, first)] == [document(5), document(4.5)]
        assert [one.why for one in (second, first)] == ["second", "first"]
        assert (second.version, second.revision) != (first.version, first.revision)
        assert place.layers.history(ORDERS, 1) == [second]

    def test_a_layer_that_says_nothing_any_more_keeps_its_history(self, place: Place) -> None:
        place.say(ORDERS, document(1))
        place.say(ORDERS, EMPTY)
        assert place.layers.newest()[ORDERS].document == EMPTY
        assert [one.document for one in place.layers.history(ORDERS)] == [EMPTY, document(1)]


class TestEdits:
    def test_the_second_of_two_is_told_who_was_first(self, layers: Layers) -> None:
        layers.write(edit(document(1), 0), 1.0)
        with pytest.raises(LayerMoved, match=r"orders@main is not as you saw it, at version 0: ada wrote version 1"):
            layers.write(edit(document(2), 0, by="bob"), 2.0)
        with pytest.raises(LayerMoved, match="at version 7") as told:
            layers.write(edit(document(2), 7), 2.0)
        assert "`odmd config history orders@main`" in told.value.next_step
        found = layers.find(ORDERS)
        assert found
        assert found.document == document(1)

    def test_of_many_at_once_one_wins(self, layers: Layers) -> None:
        def write(n: int) -> bool:
            try:
                layers.write(edit(document(n), 0), 1.0)
            except LayerMoved:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(write, range(8))) == 1
        assert [one.version for one in layers.history(ORDERS)] == [1]


class TestParameters:
    def test_texts_are_encrypted_and_the_log_is_told_paths_alone(self, parameters: Parameters) -> None:
        parameters.layers.write(edit(document("canary-4711"), 0), 1.0)
        assert parameters.names() == ["/enver/orders/b..main/000001"]
        stored = parameters.sessions.ssm(HERE).get_parameter(Name=f"{parameters.prefix}/enver/orders/b..main/000001")
        assert stored["Parameter"]["Type"] == "SecureString"
        assert (
            "canary-4711" not in stored["Parameter"]["Value"].removeprefix("kms:alias/aws/ssm:")
            or "kms:" in (stored["Parameter"]["Value"])
        ), "the emulator marks what it would encrypt"
        note = NoteEdit(str(ORDERS), 1, somebody("ada"), "for tests", ("config.prices.latte",))
        assert parameters.notes == [("edit/enver:orders/b..main/1", note)]

    def test_one_that_lost_tells_the_log_nothing(self, parameters: Parameters) -> None:
        parameters.layers.write(edit(document(1), 0), 1.0)
        with pytest.raises(LayerMoved):
            parameters.layers.write(edit(document(2), 0), 1.0)
        assert len(parameters.notes) == 1

    def test_what_somebody_wrote_by_hand_counts_and_what_is_no_document_says_why(self, parameters: Parameters) -> None:
        parameters.put("stage/dev/000001", '{"config": {"prices": {"latte": 4}}}')
        parameters.put("stage/test/000001", '{"configs": {}}')
        parameters.put("stage/prod/000001", "canary-4711")
        parameters.put("stage/prod/notes", "nothing of ours")
        newest = parameters.layers.newest()
        assert newest[DEV].document == ConfigDocument({"prices": {"latte": 4}})
        assert newest[DEV].by == "somebody"
        assert "section configs" in newest[Layer(LayerKind.STAGE, "test")].unreadable
        assert "canary" not in newest[Layer(LayerKind.STAGE, "prod")].unreadable
        assert "is no object" in newest[Layer(LayerKind.STAGE, "prod")].unreadable

    def test_what_is_too_large_or_has_no_name_there_is_refused(self, parameters: Parameters) -> None:
        with pytest.raises(ConfigTooLarge, match="a parameter takes 8,192"):
            parameters.layers.write(edit(document("x" * 9000), 0), 1.0)
        with pytest.raises(ConfigRefused, match="no parameter's name has"):
            parameters.layers.write(edit(document(1), 0, Layer(LayerKind.STAGE, "größe")), 1.0)
        assert parameters.names() == []

    def test_old_versions_go(self, parameters: Parameters, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(config_layers, "KEPT", 2)
        for n in range(4):
            parameters.layers.write(edit(document(n), n), 1.0)
        assert [one.version for one in parameters.layers.history(ORDERS)] == [4, 3]

    def test_where_aws_is_away_settings_are_not_to_be_reached(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        away = Parameters(Sessions(endpoint=_NOWHERE, emulated=True)).layers
        with pytest.raises(SettingsUnreachable):
            away.newest()
        with pytest.raises(SettingsUnreachable):
            away.write(edit(document(1), 0), 1.0)


class TestRepository:
    def test_it_is_written_there_and_not_from_here(self, committed: Committed) -> None:
        with pytest.raises(StoreReadOnly, match=r"config/enver/orders@main\.yaml of repository acme/config") as told:
            committed.layers.write(edit(document(1), 0), 1.0)
        assert "merged into main" in told.value.next_step

    def test_a_merge_is_one_step_by_who_merged(self, committed: Committed) -> None:
        committed.say(DEV, document(1))
        committed.git("checkout", "--quiet", "-b", "cheaper")
        committed.say(DEV, document(2), "eve", "try")
        committed.say(DEV, document(3), "eve", "once more")
        committed.git("checkout", "--quiet", "main")
        committed.say(BUILD, document(9))
        assert committed.layers.newest()[DEV].document == document(1), "a branch says nothing until it is merged"
        committed.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request #4", "cheaper", by="bob")
        merged, first = committed.layers.history(DEV)
        assert (merged.by, merged.why, merged.document) == ("bob", "Merge pull request #4", document(3))
        assert first.document == document(1)
        assert committed.layers.newest()[DEV] == merged
        assert merged.revision == committed.git("rev-parse", "HEAD")[:9]

    def test_what_is_no_document_says_why_and_the_others_count(self, committed: Committed) -> None:
        committed.say(DEV, document(1))
        committed.write("config/build/a.yaml", b"config:\n\tprices: {}\n")
        committed.write("config/build/b.yaml", b"\xff\xfe")
        committed.write("config/build/c.yaml", b"canary-4711")
        committed.write("config/README.yaml", b"nothing of ours")
        committed.write("config/enver/orders/b..main.yaml", b"its name is another one")
        committed.write(os.fsdecode(b"config/build/\xff.yaml"), b"config: {}")
        (committed.root / "config/build/d.yaml").symlink_to("/etc/passwd")
        committed.commit("eve", "a link")
        newest = committed.layers.newest()
        assert newest[DEV].document == document(1)
        said = {layer.of: one.unreadable for layer, one in newest.items() if one.unreadable}
        assert said.keys() == {"a", "b", "c", "d"}
        assert "config/build/a.yaml line 2" in said["a"]
        assert "no UTF-8" in said["b"]
        assert "canary" not in said["c"]
        assert "outside" in said["d"]
        (spoilt,) = committed.layers.history(Layer(LayerKind.BUILD, "a"))
        assert "line 2" in spoilt.unreadable

    def test_a_file_that_is_gone_says_nothing_and_has_its_history(self, committed: Committed) -> None:
        committed.say(DEV, document(1))
        committed.git("rm", "--quiet", "config/stage/dev.yaml")
        committed.commit("ada", "no more")
        assert committed.layers.newest() == {}
        assert [one.document for one in committed.layers.history(DEV)] == [EMPTY, document(1)]

    def test_where_the_repository_is_away_settings_are_not_to_be_reached(self, committed: Committed) -> None:
        committed.say(DEV, document(1))
        assert committed.layers.newest()
        committed.root.rename(committed.root.with_name("away"))
        with pytest.raises(SettingsUnreachable, match="acme/config"):
            committed.layers.newest()
        with pytest.raises(SettingsUnreachable):
            committed.layers.history(DEV)
