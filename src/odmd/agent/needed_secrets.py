"""The secrets that a run needs: all proven before anything is prepared, and read where its programs get their texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from odmd.agent.mask import Mask
from odmd.agent.secret_forms import LONGEST, SHORTEST
from odmd.control.ports.secrets import SecretStanding, SecretStores
from odmd.control.running.bound_secrets import BoundSecret
from odmd.control.running.saying import WARNS
from odmd.errors import OdmdError, SecretMissing, SecretNotBound, SecretUnfit
from odmd.graph import EnverNode
from odmd.model import naming
from odmd.model.targets import Target


@dataclass(frozen=True, slots=True)
class GivenSecrets:
    """What a run is given of its secrets."""

    bound: Mapping[str, BoundSecret] = field(default_factory=dict[str, BoundSecret])
    texts: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """By name; of a build type whose programs get them."""

    @property
    def mask(self) -> Mask:
        """Hides these, and nothing else."""
        return Mask(self.variables)

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment variables that carry them."""
        return {naming.secret_variable(name): text for name, text in self.texts.items()}


def given_secrets(
    bound: Mapping[str, BoundSecret],
    enver: EnverNode,
    target: Target,
    stores: SecretStores,
    tell: Callable[[str], None],
) -> GivenSecrets:
    """Proves each secret at its store, or reads it, with the rights at a place; all that is missing is said at once.

    Raises:
        SecretNotBound, SecretMissing, SecretRotated, SecretUnfit, SecretUnreadable, SecretStoreUnreachable
    """
    if unbound := [name for name in enver.secrets if name not in bound]:
        raise SecretNotBound.of(enver.label, unbound)
    needed = {name: bound[name] for name in enver.secrets}
    if not needed:
        return GivenSecrets()
    look = _Look(stores, target, tell)
    texts = {name: look.text(name, one) for name, one in needed.items() if enver.type.gets_texts}
    proven = needed if texts else {name: look.proven(name, one) for name, one in needed.items()}
    if look.wrong:
        raise _all_at_once(look.wrong)
    return GivenSecrets(proven, texts)


@dataclass(frozen=True, slots=True)
class _Look:
    """Asks for one secret after the other, and remembers what is wrong."""

    stores: SecretStores
    target: Target
    tell: Callable[[str], None]
    wrong: list[OdmdError] = field(default_factory=list[OdmdError])

    def text(self, name: str, one: BoundSecret) -> str:
        try:
            text = self.stores.read(one.reference, self.target, one.version)
            _refuse_unfit(text, one)
        except OdmdError as wrong:
            self.wrong.append(wrong)
            return ""
        self.tell(f"reads secret {name} at {one.reference}")
        return text

    def proven(self, name: str, one: BoundSecret) -> BoundSecret:
        """By its full name, if it is there; what needs it reads it by itself."""
        try:
            found = self.stores.describe(one.reference, self.target)
            if found.standing is not SecretStanding.THERE:
                raise SecretMissing.of(str(one.reference), found.standing, found.why)
        except OdmdError as wrong:
            self.wrong.append(wrong)
            return one
        if one.version and found.version != one.version:
            self.tell(f"{WARNS}secret {name} was rotated since this was planned: the next look deploys the new version")
        return replace(one, full_name=found.id)


def _refuse_unfit(text: str, one: BoundSecret) -> None:
    """A text that cannot be hidden would be in logs."""
    if not SHORTEST <= len(text.strip()) <= LONGEST:
        raise SecretUnfit(
            f"secret {one.reference} has less than {SHORTEST} or more than {LONGEST:,} characters, "
            "and could not be kept out of logs",
            next_step="give it a text of a length that can be hidden",
        )
    if "\0" in text:
        raise SecretUnfit(
            f"secret {one.reference} has a zero byte in it, and no process can be given that",
            next_step="keep it as text: base64, say",
        )


def _all_at_once(wrong: list[OdmdError]) -> OdmdError:
    """For good if one of them is; of those that pass, each says why."""
    first = next((one for one in wrong if not one.retryable), wrong[0])
    if len(wrong) == 1:
        return first
    steps = dict.fromkeys(one.next_step for one in wrong if one.next_step)
    return type(first)("; ".join(one.fact for one in wrong), next_step="; ".join(steps))
