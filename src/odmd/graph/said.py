"""What enver classes say of their fields, read once for all their envers."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from odmd.errors import ContractsNotLoaded
from odmd.graph.draft import Draft, lasting_name
from odmd.graph.nodes import ConfigNode
from odmd.graph.rights.accesses import grant_of
from odmd.model import Enver, ImageEnver
from odmd.model.access import Access
from odmd.model.kinds import Image, ImageRepository, Kind


class DeclaredInput(NamedTuple):
    """What a class says of an input; `field` is its Python name."""

    field: str
    name: str
    kind: type[Kind]
    access: Access
    schema: str
    to: str
    uses: tuple[str, ...]


class ClassSaid(NamedTuple):
    """What a class says of its fields, the same for all its envers."""

    name: str
    """Of the class; lasting."""
    inputs: Sequence[DeclaredInput]
    outputs: Sequence[tuple[str, Sequence[Any]]]
    """Of each product its name, and the fields of a node after address and name."""
    configs: tuple[ConfigNode, ...]
    secrets: tuple[str, ...]
    restarting: tuple[str, ...]
    """Those of the secrets of which a new version is a new deployment."""


class Classes:
    """Reads classes as they are asked for, and notes in the draft the kinds and schemas that they name."""

    def __init__(self, made: Draft) -> None:
        self.kind_names: dict[type[Kind], str] = {}
        self._made = made
        self._said: dict[type[Enver], ClassSaid] = {}
        self._alike: dict[tuple[int, str], ClassSaid] = {}
        """By declaration and module: many classes may share one."""

    def by(self, cls: type[Enver]) -> ClassSaid:
        """What a class says, the same for all its envers."""
        if (said := self._said.get(cls)) is None:
            alike = id(cls.declaration), cls.__module__
            said = self._alike.get(alike) or self._alike.setdefault(alike, self._read(cls))
            said = self._said[cls] = said._replace(name=lasting_name(cls))
        return said

    def kind(self, kind: type[Kind]) -> str:
        """The lasting name of a kind that somebody uses."""
        if (name := self.kind_names.get(kind)) is None:
            name = self.kind_names[kind] = lasting_name(kind)
            self._made.kinds[name] = kind
        return name

    def _read(self, cls: type[Enver]) -> ClassSaid:
        declared = cls.declaration
        configs = [
            ConfigNode(name, lasting_name(schema), one.about, one.read, _asleep(cls, name, schema, one.asleep))
            for name, (one, schema) in declared.configs.items()
        ]
        secrets = {one.alias or name: one.restarts for name, one in declared.secrets.items()}
        restarting = tuple(name for name, restarts in secrets.items() if restarts)
        fields = list(self._inputs(cls)), list(self._outputs(cls)), tuple(configs), tuple(secrets)
        return ClassSaid("", *fields, restarting)

    def _inputs(self, cls: type[Enver]) -> Iterator[DeclaredInput]:
        declared = cls.declaration
        for name, (consumes, kind) in declared.consumes.items():
            schema = self._schema(cls, consumes.schema, declared.schemas.get(name))
            to, uses = str(consumes.to or ""), tuple(consumes.uses)
            yield DeclaredInput(name, consumes.alias or name, kind, consumes.access, schema, to, uses)

    def _outputs(self, cls: type[Enver]) -> Iterator[tuple[str, Sequence[Any]]]:
        declaration = cls.declaration
        for name, (said, kind) in declaration.products.items():
            source = said.source.path if said.source else ""
            schema = self._schema(cls, said.schema, declaration.schemas.get(name))
            is_pulled = issubclass(cls, ImageEnver) and issubclass(kind, (Image, ImageRepository))
            told = () if said.tells_consumers or is_pulled else None
            about = (self.kind(kind), said.about, source, said.regions, schema, kind.sensitive, said.external, told)
            grant = grant_of(kind)
            lets_in = said.tells_consumers and grant is not None and grant.is_asked
            yield said.alias or name, (*about, str(said.of or ""), lets_in)

    def _schema(self, cls: type[Enver], path: str, schema: type[Any] | None) -> str:
        """The lasting name of a schema: of a document that the class names by its path, else of a type."""
        if path:
            module = sys.modules[cls.__module__]
            folder = cls.__module__.rpartition(".")[0].replace(".", "/")
            name = f"{folder}/{path}" if folder else path
            self._made.schemas[name] = Path(module.__file__ or ".").parent / path
            return name
        if schema is None:
            return ""
        name = lasting_name(schema)
        self._made.schemas[name] = schema
        return name


def _asleep(cls: type[Enver], name: str, schema: type[Any], said: Mapping[str, object] | None) -> str:
    """As JSON.

    Raises:
        ContractsNotLoaded: it is no such thing, or says something that the type does not have.
    """
    if not said:
        return ""
    fields: Mapping[str, object] = getattr(schema, "__dataclass_fields__", None) or getattr(schema, "model_fields", {})
    unknown = [one for one in said if one not in fields]
    try:
        text = json.dumps(said, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as wrong:
        raise ContractsNotLoaded(f"{cls.__name__}.{name} sleeps with what is no JSON: {wrong}") from wrong
    if unknown:
        raise ContractsNotLoaded(
            f"{cls.__name__}.{name} sleeps with {', '.join(unknown)}, and {schema.__name__} has no such field",
            next_step=f"it has {', '.join(fields)}",
        )
    return text
