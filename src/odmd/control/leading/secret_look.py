"""Looks at the secrets of envers: where each is bound, and how it stands at its store. Each is asked for once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from odmd.control.config.bindings import Binding, bindings
from odmd.control.config.document import ConfigDocument
from odmd.control.config.layers import Layer
from odmd.control.ports.secrets import Described, SecretStanding, SecretStores
from odmd.errors import OdmdError, SecretMissing, SecretNotBound, SecretStoreUnreachable, ToolMissing
from odmd.graph import EnverNode, Graph
from odmd.model.secret_references import bound, parse_reference
from odmd.model.targets import Target
from odmd.plan.settings import Named

_AT_ONCE: Final = 8
_Asked = tuple[str, Target]


class SecretSeen(NamedTuple):
    """A needed secret of one enver, as it stands."""

    enver: EnverNode
    binding: Binding
    described: Described | None
    """None: nobody bound it, or nobody knows."""
    wrong: OdmdError | None
    """Why a run could not have it."""

    @property
    def restarts(self) -> bool:
        """Whether a new version of it is a new deployment."""
        return self.binding.name in self.enver.restarting


@dataclass
class SecretLook:
    """One moment: what layers say, and what stores answer."""

    graph: Graph
    documents: Mapping[Layer, ConfigDocument]
    stores: SecretStores
    _known: dict[_Asked, Described | OdmdError] = field(default_factory=dict[_Asked, Described | OdmdError])

    def at(self, envers: Iterable[EnverNode], *, restarting: bool = False) -> Sequence[SecretSeen]:
        """All that some envers need; with `restarting`, stores are asked for those alone whose version counts."""
        found = [(enver, one) for enver in envers for one in bindings(enver, self.graph, self.documents)]
        asked = {_asked(enver, one) for enver, one in found if one.reference and _counts(enver, one, restarting)}
        self._ask(asked - self._known.keys())
        return [self._seen(enver, one, restarting) for enver, one in found]

    def bound(self, envers: Iterable[EnverNode]) -> Sequence[SecretSeen]:
        """Where all are that some envers need; no store is asked."""
        found = [(enver, one) for enver in envers for one in bindings(enver, self.graph, self.documents)]
        return [SecretSeen(enver, one, None, None if one.reference else _nowhere(enver, one)) for enver, one in found]

    def settings(self, enver: EnverNode, runs: Named = ()) -> Named:
        """The secrets of an enver as its fingerprint has them: of those that restart it, with their version.

        Args:
            runs: those that it surely runs with. Where nobody knows a version for now, that one stands, as long as the
                secret is bound to the same.

        Raises:
            SecretNotBound: with all of the enver that are bound nowhere.
            SecretMissing: one that restarts it is not there.
            SecretStoreUnreachable, ToolMissing: and nobody knew its version before.
        """
        seen = self.at([enver], restarting=True)
        if nowhere := [one.binding.name for one in seen if not one.binding.reference]:
            raise SecretNotBound.of(enver.label, nowhere)
        return tuple(sorted((one.binding.name, _identity(one, dict(runs))) for one in seen))

    def _ask(self, wanted: Iterable[_Asked]) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = {key: pool.submit(self._described, *key) for key in wanted}
        self._known |= {key: answer.result() for key, answer in answers.items()}

    def _described(self, reference: str, target: Target) -> Described | OdmdError:
        try:
            return self.stores.describe(parse_reference(reference), target)
        except OdmdError as wrong:
            return wrong

    def _seen(self, enver: EnverNode, one: Binding, restarting: bool) -> SecretSeen:
        if not one.reference:
            return SecretSeen(enver, one, None, _nowhere(enver, one))
        if not _counts(enver, one, restarting):
            return SecretSeen(enver, one, None, None)
        match self._known[_asked(enver, one)]:
            case OdmdError() as wrong:
                return SecretSeen(enver, one, None, wrong)
            case Described(standing=SecretStanding.THERE) as described:
                return SecretSeen(enver, one, described, None)
            case Described() as described:
                wrong = SecretMissing.of(one.reference, described.standing, described.why)
                return SecretSeen(enver, one, described, wrong)


def _nowhere(enver: EnverNode, one: Binding) -> SecretNotBound:
    return SecretNotBound.of(enver.label, [one.name])


def _counts(enver: EnverNode, one: Binding, restarting: bool) -> bool:
    return not restarting or one.name in enver.restarting


def _asked(enver: EnverNode, one: Binding) -> _Asked:
    return one.reference, enver.target


def _identity(seen: SecretSeen, runs: Mapping[str, str]) -> str:
    name, reference = seen.binding.name, seen.binding.reference
    if seen.wrong is None:
        version = seen.described.version if seen.described is not None and seen.restarts else ""
        return bound(parse_reference(reference), version)
    before = runs.get(name, "")
    if isinstance(seen.wrong, SecretStoreUnreachable | ToolMissing) and before.partition(" ")[0] == reference:
        return before
    raise seen.wrong
