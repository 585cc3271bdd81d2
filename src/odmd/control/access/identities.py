"""Who somebody proves to be: what an issuer says of him, and the rules by which he is let in."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Final, Protocol

from odmd.control.scheduler.actor import ActorKind, Scope

LONGEST_PROOF: Final = 32 * 1024
"""Characters of what somebody proves himself with."""
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Of signed tokens: all with a key that only the issuer has."""
NAME: Final = r"[a-z][a-z0-9-]{0,39}"
"""What identities are called."""
_MOST_TEAMS: Final = 200
_LONGEST_SHOWN: Final = 600
_TEAM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,99}")


class IdentityType(StrEnum):
    """By what somebody is known."""

    OIDC = "oidc"
    AWS_IAM = "aws-iam"
    GITHUB_ACTIONS = "github-actions"
    KUBERNETES = "kubernetes"


class NotProven(Exception):
    """The reason, for whoever runs the server: who asked is not told it."""


@dataclass(frozen=True, slots=True)
class IdentityProof:
    """What somebody proves himself with: a signed token, or a signed request."""

    text: str
    secret: str = ""
    """Whose hash is the nonce of a signed token, so that who only finds the token cannot use it."""
    server: str = ""
    """By which of its own names the server was asked; it is part of the nonce, so that no other server can use the
    token. Empty: by none of them."""


@dataclass(frozen=True, slots=True)
class ProvenIdentity:
    """Who somebody is, as his issuer says."""

    subject: str
    """Unlike that of everybody else whom the issuer knows, and always the same."""
    name: str
    kind: ActorKind
    proof: str
    """How he is known, in words."""
    facts: Mapping[str, frozenset[str]]
    """What rules look at: the claims of his token, or the parts of his ARN."""
    once: str = ""
    """What the proof is remembered by, if it is good for one session; empty: it is good as long as the issuer says."""
    until: float = 0.0
    """From when on it would be refused anyway."""


@dataclass(frozen=True, slots=True)
class IdentityTold:
    """What who signs in has to know; nothing of it is secret."""

    name: str
    type: IdentityType
    audience: str
    """Of signed tokens; for people the client, for signed requests the name of this server."""
    issuer: str = ""
    """Of signed tokens; for signed requests the addresses where they may be meant for."""
    scopes: str = ""
    """What people ask their issuer for."""
    devices: bool = False
    """Whether people may sign in by another device; such a token is bound to no server."""


class Identities(Protocol):
    """Somebody who knows others, and says who they are."""

    @property
    def told(self) -> IdentityTold:
        """What who signs in has to know."""
        ...

    def prove(self, proof: IdentityProof) -> ProvenIdentity:
        """Raises:
        NotProven: it is forged, over, for somebody else; or nobody can say.
        """
        ...


class UsedProofs(Protocol):
    """Remembers what is good for one session."""

    def use(self, digest: str, until: float, now: float) -> bool:
        """Whether nobody used it before; what is over by now is forgotten."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """Somebody is let in of whom all this is so."""

    when: Mapping[str, tuple[str, ...]]
    """Fact → what it may be: `*` stands for anything but `/` and `:`, `**` for anything."""
    scope: Scope
    teams: tuple[str, ...] = ()

    def fits(self, proven: ProvenIdentity) -> bool:
        """Whether it is about him."""
        return all(
            any(has_form(fact, one) for one in wanted for fact in proven.facts.get(name, ()))
            for name, wanted in self.when.items()
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """Who is let in, as what, and for how long."""

    rules: Sequence[Rule]
    seconds: float
    """That a session lasts."""
    teams_from: str = ""
    """The fact whose values are the teams that somebody answers for, beside those of the rules."""


@dataclass(frozen=True, slots=True)
class LetIn:
    """How much somebody may do who proved who he is."""

    scope: Scope
    teams: tuple[str, ...] = field(default=())


def let_in(proven: ProvenIdentity, rules: Rules) -> LetIn:
    """The first rule that fits says how much; the teams of all that fit add up.

    Raises:
        NotProven: none fits, or his name is none.
    """
    if not all(map(_is_shown, (proven.name, proven.subject, proven.proof))):
        raise NotProven("he has a name that cannot be shown")
    fitting = [rule for rule in rules.rules if rule.fits(proven)]
    if not fitting:
        raise NotProven(f"{proven.name} ({proven.proof}) is let in by no rule")
    told = sorted(proven.facts.get(rules.teams_from, ())) if rules.teams_from else []
    teams = dict.fromkeys([team for rule in fitting for team in rule.teams] + [one for one in told if _is_team(one)])
    if len(teams) > _MOST_TEAMS:
        raise NotProven(f"{proven.name} would answer for {len(teams)} teams: {rules.teams_from} is no list of teams")
    return LetIn(fitting[0].scope, tuple(teams))


def nonce_of(secret: str, server: str) -> str:
    """What stands in a token that was asked for with this secret, for a server of this name."""
    digest = hashlib.sha256(f"{secret} {server.lower()}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _is_shown(text: str) -> bool:
    """Whether it can stand in a log and on a screen."""
    return 0 < len(text) <= _LONGEST_SHOWN and text.isprintable()


def _is_team(text: str) -> bool:
    return _TEAM.fullmatch(text) is not None


def has_form(text: str, wanted: str) -> bool:
    """Whether a text is what a rule wants: `*` stands for anything but `/` and `:`, `**` for anything."""
    return _form(wanted).fullmatch(text) is not None


@cache
def _form(wanted: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*\*|\*)", wanted)
    stars = {"**": ".*", "*": "[^/:]*"}
    return re.compile("".join(stars.get(piece) or re.escape(piece) for piece in pieces), re.DOTALL)
