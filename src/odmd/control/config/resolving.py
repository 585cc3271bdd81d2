"""What each enver's config is: its layers merged, completed by what its type defaults to, proven against that type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final, NamedTuple

from odmd.control.config.document import EMPTY, ConfigDocument, Values, canonical
from odmd.control.config.layers import OF_ENVERS, Layer, LayerKind, layers_of
from odmd.control.config.merging import at, is_absent, leaves, merged, said_by, written
from odmd.control.config.shape import ConfigMisfit, ConfigShape
from odmd.graph import EnverNode, Graph
from odmd.graph.nodes import ConfigNode
from odmd.graph.schemas import Json
from odmd.model import naming
from odmd.plan.settings import PlannedSettings

_SAID: Final = 10

Identify = Callable[["Resolved"], str]
"""The identity of what is resolved: a keyed digest, in which nobody reads it, unless it is public."""
LONGEST_LIVE: Final = 8192
"""Bytes of an advanced parameter; up to 4,096 it is a standard one, which costs nothing."""
DEFAULT: Final = "default"
"""In a layer's place: what the type says where no layer does."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """One config of one enver."""

    config: ConfigNode
    values: Values
    misfits: tuple[ConfigMisfit, ...] = ()
    is_default: bool = False
    """It is what its type says by itself, which is in the contracts for everybody."""

    @property
    def public_identity(self) -> str:
        """Of what is not private: the same in every state, and before there is one. Empty for all else."""
        return f"default:{sha256(self.text.encode()).hexdigest()[:40]}" if self.is_default else ""

    @property
    def text(self) -> str:
        """Equal values have equal texts."""
        text = canonical(self.values)
        return text.replace("{{", "{\\u007b") if self.config.read == "live" else text  # SSM takes {{ for a reference


class Row(NamedTuple):
    """One value, and who says it."""

    path: str
    value: object
    """None where it is hidden."""
    layer: str
    hidden: bool


class Problem(NamedTuple):
    """What is wrong with one config of one enver, or with a layer that nobody can use."""

    enver: str
    """Empty: with the layer itself."""
    config: str
    path: str
    says: str
    layer: str
    """Which says it; empty: none does."""
    lacks: bool

    def __str__(self) -> str:
        where = ".".join(part for part in (self.config, self.path) if part)
        return f"{where} {self.says}{f' ({self.layer})' if self.layer else ''}"


@dataclass
class Resolver:
    """All documents of one moment, with the contracts that they are for."""

    graph: Graph
    schemas: Mapping[str, Json]
    """By lasting name."""
    documents: Mapping[Layer, ConfigDocument]
    _shapes: dict[str, ConfigShape | None] = field(default_factory=dict[str, ConfigShape | None])
    _parts: dict[tuple[Layer, str, str], Values] = field(default_factory=dict[tuple[Layer, str, str], Values])

    def resolve(self, enver: EnverNode, config: ConfigNode) -> Resolved:
        """The config as it would be handed over now."""
        if (shape := self.shape(config)) is None:
            return Resolved(config, {}, (ConfigMisfit("", f"is of type {config.schema}, whose schema cannot be read"),))
        values = shape.with_defaults(merged(values for _, values in self._said(enver, config)))
        misfits = () if shape.fits(values) else tuple(shape.misfits(values))
        found = Resolved(config, values, misfits, values == shape.defaults)
        return found if misfits else replace(found, misfits=tuple(_too_long(found)))

    def all(self, enver: EnverNode) -> list[Resolved]:
        return [self.resolve(enver, config) for config in enver.configs]

    def settings(
        self, enver: EnverNode, identify: Identify, found: Iterable[Resolved] | None = None
    ) -> PlannedSettings:
        """By content."""
        read = dict[str, list[tuple[str, str]]](synth=[], deploy=[], live=[])
        for one in self.all(enver) if found is None else found:
            read[one.config.read].append((one.config.name, identify(one)))
        synthesis, runtime, live = (tuple(sorted(some)) for some in read.values())
        return PlannedSettings(synthesis, runtime, live=live)

    def rows(self, enver: EnverNode, one: Resolved) -> Iterator[Row]:
        """Each value with the layer that it comes from."""
        shape, parts = self.shape(one.config), self._said(enver, one.config)
        for path, value in leaves(one.values):
            layer = said_by(parts, path)
            hidden = shape is not None and shape.hides(".".join(path))
            yield Row(written(path), None if hidden else value, layer.label if layer else DEFAULT, hidden)

    def layer_of(self, enver: EnverNode, config: ConfigNode, path: Sequence[str]) -> str:
        """Who says what is at a path, in words; empty: nobody."""
        layer = said_by(self._said(enver, config), tuple(path))
        return layer.label if layer else ""

    def problems(self, enver: EnverNode) -> Iterator[Problem]:
        """All that keeps an enver from having its config."""
        for one in self.all(enver):
            for wrong in one.misfits:
                layer = self.layer_of(enver, one.config, wrong.path.split(".")) if wrong.path else ""
                yield Problem(enver.address, one.config.name, wrong.path, wrong.says, layer, wrong.lacks)
        known = {config.name for config in enver.configs}
        for layer in [one for one in layers_of(enver, self.graph) if one.kind in OF_ENVERS]:
            for name in sorted(self._document(layer).config.keys() - known):
                yield Problem(enver.address, name, "", "is no config that it has", layer.label, lacks=False)

    def unused(self, layer: Layer) -> Iterator[Problem]:
        """What a layer says that is for nobody: names and fields that none of its envers has."""
        envers = [one for one in self.graph.envers.values() if layer in layers_of(one, self.graph)]
        for name, values in self._document(layer).config.items():
            shapes = [self.shape(config) for one in envers for config in one.configs if config.name == name]
            if not shapes:
                yield Problem("", name, "", f"is no config of {_whose(layer)}", layer.label, lacks=False)
                continue
            for key in values if layer.is_broad else ():
                if not any(shape is None or shape.knows(key) for shape in shapes):
                    yield Problem("", name, key, "is a field that none of them has", layer.label, lacks=False)

    def shape(self, config: ConfigNode) -> ConfigShape | None:
        """Of a config's type; None where its schema cannot be read."""
        if config.schema not in self._shapes:
            schema = self.schemas.get(config.schema)
            self._shapes[config.schema] = ConfigShape(schema) if schema is not None else None
        return self._shapes[config.schema]

    def hides(self, config: ConfigNode, path: str) -> bool:
        """Whether people do not see what is there; of a type that cannot be read they see nothing."""
        shape = self.shape(config)
        return shape is None or shape.hides(path)

    def _said(self, enver: EnverNode, config: ConfigNode) -> list[tuple[Layer, Values]]:
        parts = ((layer, self._part(layer, config)) for layer in layers_of(enver, self.graph))
        return [(layer, values) for layer, values in parts if values]

    def _part(self, layer: Layer, config: ConfigNode) -> Values:
        """What a layer says of a config; a broad one says no more to it than it knows."""
        key = layer, config.name, config.schema
        if (found := self._parts.get(key)) is None:
            found = self._document(layer).config.get(config.name, {})
            shape = self.shape(config)
            if layer.is_broad and shape is not None and found:
                found = {name: value for name, value in found.items() if shape.knows(name)}
            self._parts[key] = found
        return found

    def _document(self, layer: Layer) -> ConfigDocument:
        return self.documents.get(layer, EMPTY)


def _too_long(found: Resolved) -> Iterator[ConfigMisfit]:
    """What is read live has to fit one parameter."""
    size = len(found.text.encode()) if found.config.read == "live" else 0
    if size > LONGEST_LIVE:
        yield ConfigMisfit("", f"is {size:,} bytes as JSON, and a parameter of SSM takes {LONGEST_LIVE:,}")


def _whose(layer: Layer) -> str:
    return "any enver" if layer.kind is LayerKind.ORGANISATION else f"any enver of {layer.label}"


def value_at(values: Values, path: Sequence[str]) -> Any:
    """What is at a path of a resolved document; None where nothing is."""
    found = at(values, path)
    return None if is_absent(found) else found


def in_words(problems: Sequence[Problem]) -> str:
    """The first of them, each once."""
    said = list(dict.fromkeys(map(_of_whom, problems)))
    more = f"; and {len(said) - _SAID} more" if len(said) > _SAID else ""
    return "; ".join(said[:_SAID]) + more


def _of_whom(problem: Problem) -> str:
    label = naming.enver_label(problem.enver)
    return str(problem) if problem.layer == label or not problem.enver else f"{label}: {problem}"
