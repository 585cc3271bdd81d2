"""Layers of config in the parameter store of Systems Manager: one SecureString for each version of a layer.

Parameters are made, never written over, so that of two who write the same version one is told, whoever they are; and
what was said stays, as far as the newest fifty versions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from odmd.control.config.document import EMPTY, canonical, read_document
from odmd.control.config.layers import Layer, read_layer
from odmd.control.ports.settings import Edit, Note, WrittenSettings
from odmd.control.scheduler.messages import NoteEdit
from odmd.errors import (
    CloudRefused,
    CloudUnreachable,
    ConfigRefused,
    ConfigTooLarge,
    ConfigUnreadable,
    SettingsUnreachable,
)
from odmd.model.targets import Target
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import ParameterTypeDef

LARGEST: Final = 8_192
"""Bytes that a parameter takes."""
KEPT: Final = 50
"""Versions of a layer."""
_AT_ONCE: Final = 10
_ACCOUNTS_OWN: Final = "alias/aws/ssm"
_VERSION: Final = re.compile(r"[0-9]{6}")
_NAME: Final = re.compile(r"[A-Za-z0-9_./-]+")


@dataclass(frozen=True, slots=True)
class ParameterLayers:
    """Where AWS keeps, encrypts and audits them."""

    sessions: Sessions
    target: Target
    prefix: str
    """Of the names, as `/acme/odmd`."""
    key: str
    """Of KMS; empty: the account's own for parameters."""
    note: Note

    def newest(self) -> Mapping[Layer, WrittenSettings]:
        with self._reaching():
            last = dict[Layer, str]()
            for layer, name in self._names(self.prefix):
                last[layer] = max(name, last.get(layer, ""))
            return {one.layer: one for one in self._read(list(last.values()))}

    def find(self, layer: Layer) -> WrittenSettings | None:
        return next(iter(self.history(layer, 1)), None)

    def history(self, layer: Layer, limit: int = 50) -> Sequence[WrittenSettings]:
        with self._reaching():
            names = sorted((name for _, name in self._names(self._path(layer))), reverse=True)
            return sorted(self._read(names[:limit]), key=lambda one: -one.version)

    def write(self, edit: Edit, at: float) -> WrittenSettings:
        now = self.find(edit.layer)
        if (now.version if now else 0) != edit.after:
            raise edit.overtaken(now)
        version = edit.after + 1
        if not self._make(edit, version, at):
            raise edit.overtaken(self.find(edit.layer))
        note = NoteEdit(str(edit.layer), version, edit.by, edit.why, edit.paths)
        self.note(f"edit/{edit.layer}/{version}", note, at)
        self._forget(edit.layer)
        return WrittenSettings(edit.layer, version, edit.document, edit.by.name, edit.why, at)

    def _make(self, edit: Edit, version: int, at: float) -> bool:
        """Whether nobody else made it."""
        said = {**json.loads(edit.document.to_json()), "by": edit.by.name, "why": edit.why, "at": at}
        text, name = canonical(said), f"{self._path(edit.layer)}/{version:06}"
        if (size := len(text.encode())) > LARGEST:
            raise ConfigTooLarge(
                f"{edit.layer.label} would have {size:,} bytes, and a parameter takes {LARGEST:,}",
                next_step="say some of it in other layers, or keep config in the database or in a repository",
            )
        with self._reaching():
            ssm, key = self._client(), self.key or _ACCOUNTS_OWN
            try:
                ssm.put_parameter(
                    Name=name, Value=text, Type="SecureString", Tier="Intelligent-Tiering", Overwrite=False, KeyId=key
                )
            except ssm.exceptions.ParameterAlreadyExists:
                return False
            return True

    def _forget(self, layer: Layer) -> None:
        with self._reaching():
            names = sorted(name for _, name in self._names(self._path(layer)))[:-KEPT]
            for some in _tens(names):
                self._client().delete_parameters(Names=some)

    def _names(self, path: str) -> Iterator[tuple[Layer, str]]:
        """Of each version below a path; no text is decrypted for it."""
        pages = self._client().get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
        for name in (one.get("Name", "") for page in pages for one in page["Parameters"]):
            if (layer := self._layer(name)) is not None:
                yield layer, name

    def _layer(self, name: str) -> Layer | None:
        said, _, version = name.removeprefix(f"{self.prefix}/").rpartition("/")
        kind, _, of = said.partition("/")
        try:
            return read_layer(f"{kind}:{of}" if of else kind) if _VERSION.fullmatch(version) else None
        except ValueError:
            return None

    def _path(self, layer: Layer) -> str:
        if not _NAME.fullmatch(path := f"{self.prefix}/{str(layer).replace(':', '/', 1)}"):
            raise ConfigRefused(
                f"{layer.label} has letters that no parameter's name has",
                next_step="call it otherwise in the contracts: letters, digits, _ . and -",
            )
        return path

    def _read(self, names: Sequence[str]) -> Iterator[WrittenSettings]:
        for some in _tens(names):
            found = self._client().get_parameters(Names=some, WithDecryption=True)
            yield from (self._written(one) for one in found["Parameters"])

    def _written(self, one: ParameterTypeDef) -> WrittenSettings:
        name = one.get("Name", "")
        layer, version = self._layer(name), int(name.rpartition("/")[2])
        if layer is None:
            raise SettingsUnreachable(f"{name} was not asked for", next_step="check AWS_ENDPOINT_URL and proxies")
        made = one.get("LastModifiedDate")
        by, why, at = "somebody", "", made.timestamp() if made else 0.0
        try:
            said = json.loads(one.get("Value", ""))
            by, why, at = str(said.pop("by", by)), str(said.pop("why", why)), float(said.pop("at", at))
            document, unreadable = read_document(canonical(said).encode(), name), ""
        except ConfigUnreadable as wrong:
            document, unreadable = EMPTY, wrong.fact
        except (ValueError, TypeError, AttributeError):
            document, unreadable = EMPTY, f"{name} is no object in JSON"
        return WrittenSettings(layer, version, document, by, why, at, unreadable=unreadable)

    def _client(self) -> SSMClient:
        return self.sessions.ssm(self.target)

    @contextmanager
    def _reaching(self) -> Generator[None]:
        try:
            with reaching(self.target):
                yield
        except (CloudUnreachable, CloudRefused) as wrong:
            raise SettingsUnreachable(f"settings cannot be reached: {wrong.fact}", next_step=wrong.next_step) from wrong


def _tens(names: Sequence[str]) -> Iterator[list[str]]:
    yield from (list(names[at : at + _AT_ONCE]) for at in range(0, len(names), _AT_ONCE))
