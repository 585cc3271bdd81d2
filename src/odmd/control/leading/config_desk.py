"""Private config for who may see or edit it: read with where each value comes from, edited a layer at a time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, cast

from odmd.control.config.bindings import misbound, unbound
from odmd.control.config.document import EMPTY, ConfigDocument, read_document, read_values
from odmd.control.config.layers import OF_ENVERS, Layer, LayerKind, applies_to, is_known, layers_of, read_layer
from odmd.control.config.merging import ABSENT, at, differences, is_absent, leaves, read_path, with_value, written
from odmd.control.config.resolving import DEFAULT, Problem, Resolved, Resolver, in_words
from odmd.control.leading.compared_config import NOTHING, ComparedConfig
from odmd.control.leading.config_views import (
    HIDDEN,
    ConfigBetween,
    ConfigChange,
    ConfigValueView,
    ConfigView,
    Edited,
    LayerView,
    MovedView,
)
from odmd.control.leading.private import PrivateVault, unreadable
from odmd.control.leading.whose_config import refuse_unless_may, with_clone_of
from odmd.control.ports.settings import Edit, WrittenSettings
from odmd.control.reading.named import suggestion
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.may import Action
from odmd.errors import ConfigInUse, ConfigRefused, EnverUnknown, LayerUnknown
from odmd.graph import EnverNode, Graph
from odmd.graph.schemas import Json
from odmd.model import naming
from odmd.plan.settings import NO_SETTINGS, PlannedSettings

_SAID: Final = 10


class ConfigDesk(Protocol):
    """Reads and edits private config for somebody who may."""

    def config_moved(self, enver: str) -> Sequence[MovedView]:
        """What differs from what surely runs.

        Raises:
            EnverUnknown, NotAllowed
        """
        ...

    def config_of(self, enver: str) -> Sequence[ConfigView]:
        """Raises:
        EnverUnknown, NotAllowed
        """
        ...

    def config_problems(self, enver: str = "") -> Sequence[str]:
        """All that keeps envers, or one, from having their config, and what layers say in vain.

        Raises:
            EnverUnknown, NotAllowed
        """
        ...

    def layers(self) -> Sequence[LayerView]:
        """Those that say something, without their texts."""
        ...

    def layer_history(self, layer: str, limit: int = 50) -> Sequence[LayerView]:
        """The newest first; none where it never said anything.

        Raises:
            ConfigRefused: it is no layer.
            LayerUnknown, EnverUnknown
            NotAllowed
        """
        ...

    def write_layer(self, layer: str, text: str, after: int, why: str = "", *, allow_lacking: bool = False) -> Edited:
        """Has a layer say this instead of the version that somebody looked at.

        Raises:
            ConfigRefused, ConfigUnreadable, ConfigInUse, LayerMoved, NotAllowed
        """
        ...

    def change_layer(
        self,
        layer: str,
        changes: Sequence[ConfigChange],
        after: int | None = None,
        why: str = "",
        *,
        allow_lacking: bool = False,
    ) -> Edited:
        """Has a layer say some values; without `after`, whatever it says otherwise.

        Raises:
            ConfigRefused, ConfigUnreadable, ConfigInUse, LayerMoved, NotAllowed
        """
        ...


@dataclass
class KeptConfig:
    """The `ConfigDesk` of who reaches what keeps it."""

    vault: PrivateVault
    graph: Graph
    schemas: Mapping[str, Json]
    by: Actor
    runs: Callable[[str], PlannedSettings] = lambda _enver: NO_SETTINGS
    """By enver: what surely runs, if anything does."""
    clock: Callable[[], float] = time.time

    def config_moved(self, enver: str) -> Sequence[MovedView]:
        declared = self._declared(enver)
        self._refuse(Action.READ_CONFIG, Layer(LayerKind.ENVER, declared.address))
        resolver, runs = self._resolver(_documents(self.vault.layers.newest())), self.runs(declared.address)
        identities = dict(runs.config)
        kept = self.vault.sealed.find(identities.values())
        moved = list[MovedView]()
        for one in resolver.all(declared):
            was = kept.get(identities.get(one.config.name, ""))
            for difference in differences(json.loads(was), one.values) if was is not None else ():
                hidden = resolver.hides(one.config, difference.path)
                sides = (None if is_absent(side) else side for side in (difference.before, difference.after))
                before, after = (HIDDEN if hidden and side is not None else side for side in sides)
                layer = resolver.layer_of(declared, one.config, read_path(difference.path))
                moved.append(MovedView(one.config.name, difference.path, before, after, layer or DEFAULT))
        return moved

    def config_between(
        self, before: tuple[str, PlannedSettings], after: tuple[str, PlannedSettings], alike: Callable[[str, str], bool]
    ) -> Sequence[ConfigBetween]:
        """What differs between what two envers ran with; `alike`: texts that say the same of both."""
        envers = [self._declared(enver) for enver, _ in (before, after)]
        for one in envers:
            self._refuse(Action.READ_CONFIG, Layer(LayerKind.ENVER, one.address))
        ours, theirs = (dict(settings.config) for _, settings in (before, after))
        kept = self.vault.sealed.find({*ours.values(), *theirs.values()})
        comparing = ComparedConfig(self._resolver(_documents(self.vault.layers.newest())), envers[0], envers[1], alike)
        pairs = ((name, ours.get(name, ""), theirs.get(name, "")) for name in {**ours, **theirs})
        return [
            found
            for name, one, other in pairs
            if one != other
            for found in comparing.between(name, *(kept.get(key) if key else NOTHING for key in (one, other)))
        ]

    def config_of(self, enver: str) -> Sequence[ConfigView]:
        declared = self._declared(enver)
        self._refuse(Action.READ_CONFIG, Layer(LayerKind.ENVER, declared.address))
        newest = self.vault.layers.newest()
        if unread := unreadable(declared, self.graph, _unreadable(newest)):
            raise unread
        resolver = self._resolver(_documents(newest))
        problems = list(resolver.problems(declared))
        return [_view(resolver, declared, one, problems) for one in resolver.all(declared)]

    def config_problems(self, enver: str = "") -> Sequence[str]:
        wanted = [self._declared(enver)] if enver else list(self.graph.envers.values())
        newest = self.vault.layers.newest()
        documents, wrong = _documents(newest), _unreadable(newest)
        resolver = self._resolver(documents)
        layers = {layer for one in wanted for layer in layers_of(one, self.graph)} if enver else set(documents)
        found = [f"{one.label}: {problem}" for one in wanted for problem in resolver.problems(one)]
        said = sorted(layers & documents.keys())
        unused = (str(problem) for layer in said for problem in resolver.unused(layer))
        unknown = (f"{one} ({layer.label})" for layer in said for one in misbound(layer, self.graph, documents[layer]))
        return [*(wrong[layer] for layer in sorted(layers & wrong.keys())), *found, *unused, *unknown]

    def layers(self) -> Sequence[LayerView]:
        newest = self.vault.layers.newest()
        return [
            replace(self._layer_view(one), text="")
            for _, one in sorted(newest.items())
            if one.document or one.unreadable
        ]

    def layer_history(self, layer: str, limit: int = 50) -> Sequence[LayerView]:
        if (knowing := self._knowing_clone(layer)) is not None:
            return knowing.layer_history(layer, limit)
        wanted = self._layer(layer)
        self._refuse(Action.READ_CONFIG, wanted)
        return [self._layer_view(one) for one in self.vault.layers.history(wanted, limit)]

    def write_layer(self, layer: str, text: str, after: int, why: str = "", *, allow_lacking: bool = False) -> Edited:
        if (knowing := self._knowing_clone(layer)) is not None:
            return knowing.write_layer(layer, text, after, why, allow_lacking=allow_lacking)
        wanted = self._layer(layer)
        self._refuse(Action.EDIT_CONFIG, wanted)
        before = self._newest(wanted)
        document = _with_hidden(read_document(text.encode(), wanted.label), before.document)
        return self._write(replace(before, version=after), document, before.document, why, allow_lacking=allow_lacking)

    def change_layer(
        self,
        layer: str,
        changes: Sequence[ConfigChange],
        after: int | None = None,
        why: str = "",
        *,
        allow_lacking: bool = False,
    ) -> Edited:
        if (knowing := self._knowing_clone(layer)) is not None:
            return knowing.change_layer(layer, changes, after, why, allow_lacking=allow_lacking)
        wanted = self._layer(layer)
        self._refuse(Action.EDIT_CONFIG, wanted)
        before = self._newest(wanted)
        config: Mapping[str, Any] = before.document.config
        for change in changes:
            path = _path(change.path)
            config = with_value(config, path, self._typed(wanted, path, change.text))
        document = ConfigDocument(
            {name: dict(values) for name, values in config.items() if values}, before.document.secrets
        )
        seen = before if after is None else replace(before, version=after)
        return self._write(seen, document, before.document, why, allow_lacking=allow_lacking)

    def _write(
        self, seen: WrittenSettings, document: ConfigDocument, before: ConfigDocument, why: str, *, allow_lacking: bool
    ) -> Edited:
        paths, layer = tuple(_paths(before, document)), seen.layer
        documents = _documents(self.vault.layers.newest())
        was, now = (self._resolver({**documents, layer: one}) for one in (before, document))
        self._refuse_misfits(was, now, layer, allow_lacking=allow_lacking)
        self._refuse_bindings(documents, layer, before, document, allow_lacking=allow_lacking)
        if paths:
            seen = self.vault.layers.write(Edit(layer, document, seen.version, self.by, why, paths), self.clock())
        mine = applies_to(layer, self.graph)
        concerns = [one.label for one in mine if was.all(one) != now.all(one)]
        lacking = [f"{one.label}: {problem}" for one in mine for problem in now.problems(one) if problem.lacks]
        return Edited(self._layer_view(seen), paths, tuple(concerns), tuple(lacking[:_SAID]))

    def _refuse_misfits(self, was: Resolver, now: Resolver, layer: Layer, *, allow_lacking: bool) -> None:
        mine = applies_to(layer, self.graph)
        known = {problem for one in mine for problem in was.problems(one)} | set(was.unused(layer))
        new = [problem for one in mine for problem in now.problems(one) if problem not in known]
        wrong = [*(one for one in new if not one.lacks), *(one for one in now.unused(layer) if one not in known)]
        if wrong:
            raise ConfigRefused(
                f"{layer.label} would not be right: {in_words(wrong)}",
                next_step="write what the type in the contract has; `odmd config get ENVER` shows it",
            )
        whole = {one.address for one in mine if not any(was.problems(one))}
        if (taken := [one for one in new if one.lacks and one.enver in whole]) and not allow_lacking:
            raise ConfigInUse(
                f"{layer.label} would take away what is needed: {in_words(taken)}",
                next_step="say it in a layer nearer to them first, or give --allow-lacking",
            )

    def _refuse_bindings(
        self,
        documents: Mapping[Layer, ConfigDocument],
        layer: Layer,
        before: ConfigDocument,
        after: ConfigDocument,
        *,
        allow_lacking: bool,
    ) -> None:
        """As `odmd secret bind` and `unbind` would, all at once."""
        known = set(misbound(layer, self.graph, before))
        if wrong := [one for one in misbound(layer, self.graph, after) if one not in known]:
            raise ConfigRefused(
                f"{layer.label} would not be right: {'; '.join(wrong[:_SAID])}",
                next_step="write what the contract needs, and where it is: docs/guides/secrets.md",
            )
        envers = applies_to(layer, self.graph)
        was, now = ({**documents, layer: one} for one in (before, after))
        taken = sorted(set(unbound(envers, self.graph, now)) - set(unbound(envers, self.graph, was)))
        if taken and not allow_lacking:
            raise ConfigInUse(
                f"{layer.label} would take away what is needed: {'; '.join(taken[:_SAID])}",
                next_step="bind it in a layer nearer to them first, or give --allow-lacking",
            )

    def _typed(self, layer: Layer, path: Sequence[str], text: str | None) -> object:
        """What somebody typed, as the type at that place wants it."""
        if text is None:
            return ABSENT
        resolver = self._resolver({})
        shapes = [
            resolver.shape(config)
            for one in applies_to(layer, self.graph)
            for config in one.configs
            if config.name == path[0]
        ]
        if any(shape is not None and shape.is_text(".".join(path[1:])) for shape in shapes):
            return text
        return read_values(text.encode(), written(path))

    def _declared(self, enver: str) -> EnverNode:
        address = naming.enver_address(enver, self.graph.envers)
        if address not in self.graph.envers:
            raise EnverUnknown(
                f"{naming.enver_label(address)} is not in the contracts",
                next_step=suggestion(enver, {one.label for one in self.graph.envers.values()}),
            )
        return self.graph.envers[address]

    def _knowing_clone(self, layer: str) -> KeptConfig | None:
        """The same once a clone is there whose layer is meant: it says something before the clone is deployed."""
        graph = with_clone_of(layer, self.graph)
        return None if graph is None else replace(self, graph=graph)

    def _layer(self, text: str) -> Layer:
        try:
            layer = read_layer(text)
        except ValueError as wrong:
            raise ConfigRefused(str(wrong), next_step="`odmd config list` shows those that say something") from wrong
        if layer.kind in OF_ENVERS:
            declared = self._declared(layer.of)
            if layer.kind is LayerKind.ASLEEP and not declared.origin:
                raise ConfigRefused(f"{declared.label} is no clone", next_step="clones sleep, and nothing else")
            return Layer(layer.kind, declared.address)
        if not is_known(layer, self.graph):
            raise LayerUnknown(
                f"the contracts have no {layer.label}",
                next_step="`odmd graph` shows the stages and builds that there are",
            )
        return layer

    def _newest(self, layer: Layer) -> WrittenSettings:
        return self.vault.layers.find(layer) or WrittenSettings(layer, 0, EMPTY, "", "", 0.0)

    def _resolver(self, documents: Mapping[Layer, ConfigDocument]) -> Resolver:
        return Resolver(self.graph, self.schemas, documents)

    def _refuse(self, action: Action, layer: Layer) -> None:
        refuse_unless_may(self.by, action, layer, self.graph)

    def _layer_view(self, one: WrittenSettings) -> LayerView:
        text = self._discreet(one.layer, one.document).to_yaml()
        return LayerView(
            str(one.layer), one.layer.label, one.version, text, one.by, one.why, one.at, one.revision, one.unreadable
        )

    def _discreet(self, layer: Layer, document: ConfigDocument) -> ConfigDocument:
        resolver, config = self._resolver({}), dict(document.config)
        configs = [config for one in applies_to(layer, self.graph) for config in one.configs]
        for name, values in document.config.items():
            of_name = [one for one in configs if one.name == name]
            for path, _ in leaves(values):
                if not of_name or any(resolver.hides(one, ".".join(path)) for one in of_name):
                    config[name] = with_value(config[name], path, HIDDEN)
        return ConfigDocument(config, document.secrets)


def _documents(newest: Mapping[Layer, WrittenSettings]) -> Mapping[Layer, ConfigDocument]:
    return {layer: one.document for layer, one in newest.items()}


def _unreadable(newest: Mapping[Layer, WrittenSettings]) -> Mapping[Layer, str]:
    return {layer: one.unreadable for layer, one in newest.items() if one.unreadable}


def _view(resolver: Resolver, enver: EnverNode, one: Resolved, problems: Sequence[Problem]) -> ConfigView:
    rows = [
        ConfigValueView(row.path, HIDDEN if row.hidden else row.value, row.layer) for row in resolver.rows(enver, one)
    ]
    said = tuple(str(problem) for problem in problems if problem.config == one.config.name)
    path = naming.config_path(enver.build, enver.slot, one.config.name) if one.config.read == "live" else ""
    of = enver.address, one.config.name, one.config.about, one.config.read
    return ConfigView(*of, tuple(rows), said, path, one.config.asleep)


def _with_hidden(document: ConfigDocument, before: ConfigDocument) -> ConfigDocument:
    """Where somebody left what he could not see, it stays."""
    config = dict(document.config)
    for name, values in document.config.items():
        for path, value in leaves(values):
            if value == HIDDEN:
                was = at(before.config.get(name, {}), path)
                if is_absent(was):
                    raise ConfigRefused(f"{name}.{written(path)} is {HIDDEN}", next_step="write what it is to be")
                config[name] = with_value(config[name], path, was)
    return ConfigDocument(config, document.secrets)


def _paths(before: ConfigDocument, after: ConfigDocument) -> Iterator[str]:
    for section in ("config", "secrets"):
        was, now = (cast("Mapping[str, Any]", getattr(one, section)) for one in (before, after))
        yield from (f"{section}.{one.path}" for one in differences(was, now))


def _path(text: str) -> tuple[str, ...]:
    try:
        path = read_path(text)
    except ValueError as wrong:
        raise ConfigRefused(str(wrong), next_step="write CONFIG.FIELD=VALUE") from wrong
    if len(path) < 2:
        raise ConfigRefused(f"{text} names no field", next_step="write CONFIG.FIELD=VALUE")
    return path
