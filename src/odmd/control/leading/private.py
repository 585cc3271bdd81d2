"""Private settings as plans read them: what each enver would have now, and what keeps it from having that."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from odmd.control.config.layers import Layer, layers_of
from odmd.control.config.merging import differences, read_path
from odmd.control.config.resolving import Problem, Resolved, Resolver
from odmd.control.leading.secret_look import SecretLook
from odmd.control.ports.secrets import NO_STORES, SecretStores
from odmd.control.ports.settings import Layers, Sealed
from odmd.errors import ConfigLacking, ConfigUnreadable, KeyMissing, OdmdError, SettingsDamaged, SettingsUnreachable
from odmd.graph import EnverNode, Graph
from odmd.graph.schemas import Json
from odmd.model import naming
from odmd.plan import Fingerprint
from odmd.plan.settings import NO_SETTINGS, NOTHING_PRIVATE, Named, PlannedSettings, Private, SettingMoved
from odmd.texts import first_of

_SAID: Final = 5
_AWAY: Final = (SettingsUnreachable, KeyMissing, SettingsDamaged)
"""What keeps settings from everybody who has some, and from nobody else."""


class PrivateVault(NamedTuple):
    """Where private settings are, and where what was made of them is kept."""

    layers: Layers
    sealed: Sealed
    stores: Callable[[], SecretStores] | None = None
    """Of secrets; None: none can be asked."""


@dataclass(frozen=True, slots=True)
class FoundPrivate:
    """What was read of some envers' settings."""

    private: Private
    unfit: Mapping[str, OdmdError]
    """Envers that cannot have theirs, and why."""
    texts: Mapping[str, str]
    """By identity."""

    def of(self, settings: Iterable[PlannedSettings]) -> Mapping[str, str]:
        """The texts of some, by identity."""
        wanted = {identity for one in settings for _, identity in one.config}
        return {identity: text for identity, text in self.texts.items() if identity in wanted}


NOTHING_FOUND: Final = FoundPrivate(NOTHING_PRIVATE, {}, {})


@dataclass
class PrivateReader:
    """Reads what envers would have, of the documents of one moment."""

    vault: PrivateVault
    graph: Graph
    schemas: Callable[[], Mapping[str, Json]]
    """By lasting name; asked for when somebody has config."""
    _resolver: Resolver | None = field(default=None)
    _unreadable: Mapping[Layer, str] = field(default_factory=dict[Layer, str])

    def read(self, envers: Iterable[EnverNode], runs: Mapping[str, Fingerprint]) -> FoundPrivate:
        """Of those that declare any.

        Args:
            runs: by enver, what surely runs.

        Raises:
            ToolMissing
        """
        settings, unfit, texts = dict[str, PlannedSettings](), dict[str, OdmdError](), dict[str, str]()
        private = [one for one in envers if one.configs or one.secrets]
        resolved = dict[str, list[Resolved]]()
        try:
            secrets, nowhere = self._secrets([one for one in private if one.secrets], runs)
            unfit |= nowhere
            for enver in private:
                resolver = self.resolver
                if unread := unreadable(enver, self.graph, self._unreadable):
                    unfit[enver.address] = unread
                    continue
                found = resolved[enver.address] = resolver.all(enver)
                if any(one.misfits for one in found) or self._is_misled(enver):
                    wrong = lacking(enver, list(resolver.problems(enver)))
                    unfit[enver.address] = _both(wrong, unfit[enver.address]) if enver.address in unfit else wrong
                elif enver.address not in unfit:
                    of_config = resolver.settings(enver, self._identify(texts), found)
                    settings[enver.address] = replace(of_config, secrets=secrets.get(enver.address, ()))
            moved = dict(self._moved(private, resolved, settings, runs))
        except _AWAY as away:
            return FoundPrivate(Private({}, {}), {one.address: away for one in private}, {})
        return FoundPrivate(Private(settings, moved), unfit, texts)

    @property
    def resolver(self) -> Resolver:
        """Of the documents that are there now.

        Raises:
            ToolMissing, SettingsUnreachable, KeyMissing, SettingsDamaged
        """
        if self._resolver is None:
            newest = self.vault.layers.newest()
            documents = {layer: written.document for layer, written in newest.items()}
            self._unreadable = {layer: one.unreadable for layer, one in newest.items() if one.unreadable}
            self._resolver = Resolver(self.graph, self.schemas(), documents)
        return self._resolver

    def _secrets(
        self, envers: Sequence[EnverNode], runs: Mapping[str, Fingerprint]
    ) -> tuple[Mapping[str, Named], Mapping[str, OdmdError]]:
        """By enver, its secrets as a fingerprint has them, or why it cannot have them."""
        found, wrong = dict[str, Named](), dict[str, OdmdError]()
        if not envers:
            return found, wrong
        stores = self.vault.stores() if self.vault.stores else NO_STORES
        look = SecretLook(self.graph, self.resolver.documents, stores)
        look.at(envers, restarting=True)  # all at once
        for enver in envers:
            now = runs.get(enver.address)
            try:
                found[enver.address] = look.settings(enver, now.settings.secrets if now else ())
            except OdmdError as lacks:
                wrong[enver.address] = lacks
        return found, wrong

    def _identify(self, texts: dict[str, str]) -> Callable[[Resolved], str]:
        def identify(one: Resolved) -> str:
            identity = one.public_identity or self.vault.sealed.identity(one.text)
            texts[identity] = one.text
            return identity

        return identify

    def _is_misled(self, enver: EnverNode) -> bool:
        """Whether its own layers name what it does not have."""
        return any(not problem.path for problem in self.resolver.problems(enver))

    def _moved(
        self,
        envers: Sequence[EnverNode],
        resolved: Mapping[str, Sequence[Resolved]],
        settings: Mapping[str, PlannedSettings],
        runs: Mapping[str, Fingerprint],
    ) -> Iterator[tuple[str, tuple[SettingMoved, ...]]]:
        """Where each differs from what runs, by path."""
        others = [
            one
            for one in envers
            if one.address in settings
            and one.address in runs
            and runs[one.address].settings not in (NO_SETTINGS, settings[one.address])
        ]
        before = {one.address: _by_name(runs[one.address].settings) for one in others}
        kept = self.vault.sealed.find({identity for one in before.values() for identity in one.values()})
        for enver in others:
            moved = list[SettingMoved]()
            for one in resolved[enver.address]:
                was = kept.get(before[enver.address].get(one.config.name, ""))
                moved += self._paths(enver, one, json.loads(was)) if was is not None else ()
            yield enver.address, tuple(moved)

    def _paths(self, enver: EnverNode, one: Resolved, was: Mapping[str, Any]) -> Iterator[SettingMoved]:
        for difference in differences(was, one.values):
            layer = self.resolver.layer_of(enver, one.config, read_path(difference.path))
            layer = layer or ("" if difference.is_gone else "default")
            yield SettingMoved(f"config {one.config.name}", difference.path, layer)


def _both(one: OdmdError, other: OdmdError) -> OdmdError:
    return type(one)(f"{one.fact}; {other.fact}", next_step=f"{one.next_step}; {other.next_step}")


def _by_name(settings: PlannedSettings) -> dict[str, str]:
    return dict(settings.config)


def unreadable(enver: EnverNode, graph: Graph, layers: Mapping[Layer, str]) -> ConfigUnreadable | None:
    """What is wrong with layers of an enver that somebody wrote elsewhere, and that nobody can read."""
    wrong = [layers[one] for one in layers_of(enver, graph) if one in layers] if layers else []
    if not wrong:
        return None
    return ConfigUnreadable(f"config of {enver.label}: {'; '.join(wrong)}", next_step="mend it there, then plan again")


def lacking(enver: EnverNode, problems: Sequence[Problem]) -> ConfigLacking:
    """All that keeps an enver from having its config, and the command that mends it."""
    said = first_of([str(one) for one in problems], _SAID, "; ")
    first = next((one for one in problems if one.lacks), None)
    label = naming.enver_label(enver.address)
    mend = f"odmd config set {label} {first.config}.{first.path}=VALUE" if first else f"odmd config edit {label}"
    return ConfigLacking(f"config of {label}: {said}", next_step=f"`{mend}`, then plan again")
