"""Private settings in the state's own database: sealed, in versions, append-only."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Row, Select, func, select

from odmd.control.config.document import ConfigDocument
from odmd.control.config.layers import Layer, read_layer
from odmd.control.ports.settings import Edit, WrittenSettings
from odmd.control.scheduler.messages import NoteEdit
from odmd.store.database import Database
from odmd.store.project import insert_new, upsert
from odmd.store.prune_sealed import FRESH_SECONDS
from odmd.store.schema import layers, sealed
from odmd.store.sealing import KeyRing, SealedBox
from odmd.store.telling import tell

_IN_ONE_QUERY: Final = 500


class SqlLayers:
    """An edit and the message that has it logged are committed together, so that neither is there alone."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database, self._keys = database, keys

    def newest(self) -> Mapping[Layer, WrittenSettings]:
        last = select(layers.c.layer, func.max(layers.c.version).label("version")).group_by(layers.c.layer).subquery()
        both = (layers.c.layer == last.c.layer) & (layers.c.version == last.c.version)
        return {one.layer: one for one in self._read(select(*_COLUMNS).select_from(layers.join(last, both)))}

    def find(self, layer: Layer) -> WrittenSettings | None:
        return next(iter(self.history(layer, 1)), None)

    def history(self, layer: Layer, limit: int = 50) -> Sequence[WrittenSettings]:
        found = select(*_COLUMNS).where(layers.c.layer == str(layer))
        return self._read(found.order_by(layers.c.version.desc()).limit(limit))

    def write(self, edit: Edit, at: float) -> WrittenSettings:
        version = edit.after + 1
        box = self._keys.seal(edit.document.to_json(), _about(str(edit.layer), version))
        row = {"layer": str(edit.layer), "version": version, "key": box.key, "sealed": box.content}
        note = NoteEdit(str(edit.layer), version, edit.by, edit.why, edit.paths)
        with self._database.appending() as connection:
            newest = select(func.coalesce(func.max(layers.c.version), 0)).where(layers.c.layer == str(edit.layer))
            if connection.execute(newest).scalar_one() != edit.after:
                version = 0
            elif insert_new(connection, layers, {**row, "by": edit.by.name, "why": edit.why, "at": at}):
                tell(self._database, connection, note, at)
        if not version:
            raise edit.overtaken(self.find(edit.layer))
        return WrittenSettings(edit.layer, version, edit.document, edit.by.name, edit.why, at)

    def _read(self, found: Select[*tuple[Any, ...]]) -> list[WrittenSettings]:
        with self._database.reading() as connection:
            rows = connection.execute(found).all()
        return [self._written(row) for row in rows]

    def _written(self, row: Row[*tuple[Any, ...]]) -> WrittenSettings:
        about = _about(row.layer, row.version)
        text = self._keys.open(SealedBox(row.key, row.sealed), about)
        document = ConfigDocument.from_json(text)
        return WrittenSettings(read_layer(row.layer), row.version, document, row.by, row.why, row.at)


_COLUMNS: Final = (
    layers.c.layer,
    layers.c.version,
    layers.c.key,
    layers.c.sealed,
    layers.c.by,
    layers.c.why,
    layers.c.at,
)


def _about(layer: str, version: int) -> str:
    return f"layer {layer} version {version}"


class SqlSealed:
    """Texts by identity, in the state's own database."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database, self._keys = database, keys

    def identity(self, text: str) -> str:
        return self._keys.identity(text)

    def keep(self, texts: Mapping[str, str]) -> None:
        if not (new := texts.keys() - self._fresh(texts)):
            return
        boxes = {identity: self._keys.seal(texts[identity], _resolved(identity)) for identity in sorted(new)}
        rows = [{"identity": of, "key": box.key, "sealed": box.content, "at": time.time()} for of, box in boxes.items()]
        with self._database.writing() as connection:
            upsert(connection, sealed, rows)

    def find(self, identities: Collection[str]) -> Mapping[str, str]:
        found = dict[str, str]()
        for part in _parts(identities):
            with self._database.reading() as connection:
                wanted = select(sealed.c.identity, sealed.c.key, sealed.c.sealed).where(sealed.c.identity.in_(part))
                rows = connection.execute(wanted).all()
            found |= {one: self._keys.open(SealedBox(key, content), _resolved(one)) for one, key, content in rows}
        return found

    def _fresh(self, identities: Collection[str]) -> set[str]:
        """Those that are there, and that nobody will forget soon."""
        found, since = set[str](), time.time() - FRESH_SECONDS
        for part in _parts(identities):
            with self._database.reading() as connection:
                there = select(sealed.c.identity).where(sealed.c.identity.in_(part), sealed.c.at >= since)
                found.update(connection.execute(there).scalars())
        return found


def _resolved(identity: str) -> str:
    return f"settings {identity}"


def _parts(identities: Collection[str]) -> list[list[str]]:
    wanted = sorted(identities)
    return [wanted[at : at + _IN_ONE_QUERY] for at in range(0, len(wanted), _IN_ONE_QUERY)]


class MemoryLayers:
    """The same in a dictionary; `notes` is what would go to the log."""

    def __init__(self) -> None:
        self._versions: dict[Layer, list[WrittenSettings]] = {}
        self.notes: list[NoteEdit] = []

    def newest(self) -> Mapping[Layer, WrittenSettings]:
        return {layer: versions[-1] for layer, versions in self._versions.items()}

    def find(self, layer: Layer) -> WrittenSettings | None:
        return next(iter(self.history(layer, 1)), None)

    def history(self, layer: Layer, limit: int = 50) -> Sequence[WrittenSettings]:
        return self._versions.get(layer, [])[::-1][:limit]

    def write(self, edit: Edit, at: float) -> WrittenSettings:
        versions = self._versions.setdefault(edit.layer, [])
        if len(versions) != edit.after:
            raise edit.overtaken(self.find(edit.layer))
        versions.append(WrittenSettings(edit.layer, edit.after + 1, edit.document, edit.by.name, edit.why, at))
        self.notes.append(NoteEdit(str(edit.layer), edit.after + 1, edit.by, edit.why, edit.paths))
        return versions[-1]


class MemorySealed:
    """The same in a dictionary."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def identity(self, text: str) -> str:
        return sha256(f"memory {text}".encode()).hexdigest()[:40]

    def keep(self, texts: Mapping[str, str]) -> None:
        self._texts |= texts

    def find(self, identities: Collection[str]) -> Mapping[str, str]:
        return {one: self._texts[one] for one in identities if one in self._texts}
