"""Binds secrets, and says how they stand, for somebody who may: never what they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from odmd.control.config.bindings import unneeded
from odmd.control.config.document import EMPTY, ConfigDocument
from odmd.control.config.layers import Layer, LayerKind, is_known, layers_of
from odmd.control.leading.secret_look import SecretLook, SecretSeen
from odmd.control.leading.whose_config import refuse_unless_may
from odmd.control.ports.secrets import SecretStores
from odmd.control.ports.settings import Edit, Layers
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.may import Action
from odmd.errors import ConfigRefused, EnverUnknown, LayerMoved, LayerUnknown, NotAllowed
from odmd.graph import EnverNode, Graph
from odmd.model import naming
from odmd.model.secret_references import parse_reference

_TRIES: Final = 5
_LISTED: Final = 8


@dataclass(frozen=True, slots=True)
class SecretView:
    """A needed secret of one enver, for people."""

    enver: str
    name: str
    reference: str
    """Empty: nobody bound it."""
    layer: str
    """That says so, in words."""
    restarts: bool
    standing: str = ""
    """As its store says; empty where nobody asked, or nobody knows."""
    version: str = ""
    rotated_at: float | None = None
    code: str = ""
    """Of what keeps a run from having it; empty where nothing does."""
    why: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a layer says of a secret from now on."""

    layer: str
    version: int
    """Of the layer's document."""
    name: str
    reference: str
    """Empty: nothing any more."""
    envers: tuple[str, ...]
    """Who has it from there."""


class SecretDesk(Protocol):
    """What can be done with secrets, wherever they are kept."""

    def bind(self, layer: Layer, name: str, reference: str, why: str) -> Bound:
        """Says where a secret is; an empty reference takes back what the layer says.

        Raises:
            ReferenceInvalid
            LayerUnknown
            ConfigRefused: nobody there needs such a secret.
            NotAllowed, LayerMoved, SettingsUnreachable, KeyMissing, StoreReadOnly
        """
        ...

    def secrets(self, envers: Sequence[str], *, look: bool) -> Sequence[SecretView]:
        """Those that some envers need, or all; with `look`, how they stand at their stores.

        Raises:
            EnverUnknown, NotAllowed
        """
        ...


@dataclass(frozen=True, slots=True)
class KeptSecrets:
    """The `SecretDesk` of who reaches what keeps layers, and the stores."""

    graph: Graph
    layers: Layers
    stores: SecretStores
    by: Actor
    clock: Callable[[], float] = time.time

    def bind(self, layer: Layer, name: str, reference: str, why: str) -> Bound:
        reference = str(parse_reference(reference)) if reference else ""
        whose = self._whose(layer, name, bool(reference))
        for tries in range(1, _TRIES + 1):
            try:
                version = self._bind(layer, name, reference, why)
            except LayerMoved:
                if tries == _TRIES:
                    raise
                continue  # somebody else's edit of the same document says nothing against this one
            return Bound(layer.label, version, name, reference, tuple(whose))
        raise AssertionError("the last try returns or raises")

    def secrets(self, envers: Sequence[str], *, look: bool) -> Sequence[SecretView]:
        wanted = [self.graph.envers[one] for one in self.needing(envers)]
        documents = {layer: written.document for layer, written in self.layers.newest().items()}
        at = SecretLook(self.graph, documents, self.stores)
        return [_view(one) for one in (at.at(wanted) if look else at.bound(wanted))]

    def needing(self, envers: Sequence[str]) -> list[str]:
        """Addresses of those that need any, in their order: of all, those that he may see."""
        asked = [self._enver(one) for one in envers]
        for one in asked:
            refuse_unless_may(self.by, Action.READ_CONFIG, Layer(LayerKind.ENVER, one.address), self.graph)
        seen = asked if envers else filter(self._may_see, self.graph.envers.values())
        return sorted({one.address for one in seen if one.secrets})

    def _may_see(self, enver: EnverNode) -> bool:
        try:
            refuse_unless_may(self.by, Action.READ_CONFIG, Layer(LayerKind.ENVER, enver.address), self.graph)
        except NotAllowed:
            return False
        return True

    def _enver(self, typed: str) -> EnverNode:
        address = naming.enver_address(typed, self.graph.envers)
        if (found := self.graph.envers.get(address)) is None:
            raise EnverUnknown(f"{typed} is not in the contracts", next_step="`odmd graph` shows what is")
        return found

    def _bind(self, layer: Layer, name: str, reference: str, why: str) -> int:
        written = self.layers.find(layer)
        before, after = (written.document, written.version) if written else (EMPTY, 0)
        if before.secrets.get(name, "") == reference:
            return after
        document = _with(before, name, reference)
        return self.layers.write(Edit(layer, document, after, self.by, why, (f"secrets.{name}",)), self.clock()).version

    def _whose(self, layer: Layer, name: str, binds: bool) -> list[str]:
        """Who has it from there. What nobody needs may be taken back."""
        if not is_known(layer, self.graph):
            raise LayerUnknown(f"the contracts have no {layer.label}", next_step="`odmd graph` shows what there is")
        refuse_unless_may(self.by, Action.EDIT_CONFIG, layer, self.graph)
        needed = [one for one in self.graph.envers.values() if layer in layers_of(one, self.graph)]
        if binds and list(unneeded(layer, self.graph, ConfigDocument(secrets={name: ""}))):
            known = sorted({secret for one in needed for secret in one.secrets})
            listed = ", ".join(known[:_LISTED]) or "none"
            raise ConfigRefused(
                f"{'nobody' if layer.kind is LayerKind.ORGANISATION else f'no enver of {layer.label}'} "
                f"needs a secret {name}; needed there: {listed}",
                next_step=f'declare it in the contract: needed("…", name="{name}")',
            )
        return [one.address for one in needed if name in one.secrets]


def _with(document: ConfigDocument, name: str, reference: str) -> ConfigDocument:
    others = {one: said for one, said in document.secrets.items() if one != name}
    return replace(document, secrets={**others, name: reference} if reference else others)


def _view(seen: SecretSeen) -> SecretView:
    binding, described, wrong = seen.binding, seen.described, seen.wrong
    return SecretView(
        naming.enver_label(seen.enver.address),
        binding.name,
        binding.reference,
        binding.layer.label if binding.layer else "",
        seen.restarts,
        described.standing.value if described else "",
        described.version if described else "",
        described.rotated_at if described else None,
        wrong.code if wrong else "",
        wrong.fact if wrong else "",
        wrong.next_step if wrong else "",
    )
