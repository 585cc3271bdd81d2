"""What `[tool.odmd.identities]` says: who can prove to a server who he is, and as what he is let in.

[tool.odmd.identities.company]            # people, by OpenID Connect
type = "oidc"
issuer = "https://login.acme.example"     # its keys are found by discovery
audience = "odmd"                         # the client that is registered there
algorithms = ["RS256"]                    # with which it signs
called = "email"                          # the claim that is somebody's name; not said, or not verified: `sub`
scopes = "openid email"                   # what is asked for
prefix = "acme:"                          # of their names; people of a second issuer need another one
devices = false                           # true: `--device` is taken, whose token says not for which server it is
teams-from = "groups"                     # a claim whose values are teams; not said: rules alone say teams
session = 28800                           # seconds that a session lasts, a day at most

[[tool.odmd.identities.company.allow]]    # the first that fits says how much; teams of all that fit add up
when = { groups = "baristas" }            # claims: all of these; of several values any. `*`, `**`: anything
scope = "write"
teams = ["baristas"]

[tool.odmd.identities.aws]                # people and roles of AWS
type = "aws-iam"
audience = "odmd.acme.example"            # what X-Odmd-Server has to say
sts = ["https://sts.eu-central-1.amazonaws.com/"]
people = ["arn:aws:iam::111122223333:role/Dev*"]  # roles whose sessions bear names that who assumes them cannot choose

[tool.odmd.identities.actions]            # jobs of GitHub Actions; those of runs need no `allow`
type = "github-actions"
audience = "odmd.acme.example"

[tool.odmd.identities.cluster]            # service accounts of Kubernetes: of a cluster that is asked,
type = "kubernetes"
audience = "odmd"
server = "https://10.0.0.1:6443"          # or `issuer` (and `algorithms`), as with people
certificate-authority = "ca.pem"
token-file = "token"                      # of who may review tokens
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from odmd.control.access.addresses import is_safe
from odmd.control.access.identities import ALGORITHMS, NAME, IdentityType, Rule, Rules
from odmd.control.scheduler.actor import Scope
from odmd.errors import SettingsInvalid

_TEXTS: Final = (
    "issuer",
    "audience",
    "called",
    "prefix",
    "scopes",
    "teams-from",
    "server",
    "certificate-authority",
    "token-file",
)
_LISTS: Final = ("algorithms", "sts", "people")
_OF_ALL: Final = frozenset({"type", "audience", "session", "allow"})
_OF: Final[Mapping[IdentityType, frozenset[str]]] = {
    IdentityType.OIDC: _OF_ALL | {"issuer", "algorithms", "called", "prefix", "scopes", "devices", "teams-from"},
    IdentityType.AWS_IAM: _OF_ALL | {"sts", "people"},
    IdentityType.GITHUB_ACTIONS: _OF_ALL | {"issuer"},
    IdentityType.KUBERNETES: _OF_ALL | {"issuer", "algorithms", "server", "certificate-authority", "token-file"},
}
_NEEDED: Final[Mapping[IdentityType, tuple[str, ...]]] = {
    IdentityType.OIDC: ("issuer", "audience"),
    IdentityType.AWS_IAM: ("audience", "sts"),
    IdentityType.GITHUB_ACTIONS: ("audience",),
    IdentityType.KUBERNETES: ("audience",),
}
_USUAL_SECONDS: Final = {IdentityType.OIDC: 8 * 3600, IdentityType.AWS_IAM: 3600}
_USUAL_REST: Final = 3600
_MOST_SECONDS: Final = 24 * 3600
_GITHUB: Final = "https://token.actions.githubusercontent.com"
"""The issuer of jobs at github.com; GitHub Enterprise has others."""
_FIXED: Final[Mapping[IdentityType, tuple[str, ...]]] = {
    IdentityType.AWS_IAM: ("arn", "account"),
    IdentityType.GITHUB_ACTIONS: ("repository_id", "repository_owner_id"),
}
"""Facts of which a rule has to fix one: else it lets in people of all accounts, or jobs of all repositories."""
_ACCOUNT: Final = re.compile(r"(arn:[a-z-]+:iam::)?[0-9]{12}(:.+)?")
_RULE: Final = {"when", "scope", "teams"}


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """One kind of identities; what is not for its type is empty."""

    type: IdentityType
    audience: str
    rules: Rules
    issuer: str = ""
    algorithms: tuple[str, ...] = ("RS256",)
    called: str = ""
    prefix: str = ""
    scopes: str = ""
    devices: bool = False
    sts: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    server: str = ""
    authority_file: Path | None = None
    token_file: Path = Path()

    @property
    def decides(self) -> bool:
        """Whether people or roles are let in by it who may change something."""
        is_of_people = self.type in (IdentityType.OIDC, IdentityType.AWS_IAM)
        return is_of_people and any(one.scope.includes(Scope.WRITE) for one in self.rules.rules)


def read_identities(said: object, base: Path, file: str) -> Mapping[str, IdentitySettings]:
    """By name; paths start from `base`.

    Raises:
        SettingsInvalid: the first of what is wrong, with its place.
    """
    tables = _table(f"{file}: [tool.odmd.identities]", said)
    for name in tables:
        if not re.fullmatch(NAME, name):
            raise SettingsInvalid(f"{file}: [tool.odmd.identities.{name}] has another name than {NAME}")
    made = {
        name: _Table(f"{file}: [tool.odmd.identities.{name}]", table, base).read() for name, table in tables.items()
    }
    _refuse_namesakes(made, file)
    return made


def _refuse_namesakes(made: Mapping[str, IdentitySettings], file: str) -> None:
    """People of two issuers could have one name, and would be one for policies and approvals."""
    called: dict[str, str] = {}
    for name, one in made.items():
        if one.type is IdentityType.OIDC and (other := called.setdefault(one.prefix, name)) != name:
            raise SettingsInvalid(
                f"{file}: [tool.odmd.identities.{name}] and {other} could call two people by one name",
                next_step=f'write prefix = "{name}:" in one of them',
            )


class _Table:
    """One of them, with its place for whatever is wrong with it."""

    def __init__(self, where: str, said: object, base: Path) -> None:
        self._where, self._said, self._base = where, _table(where, said), base

    def read(self) -> IdentitySettings:
        type_ = self._type()
        if unknown := sorted(self._said.keys() - _OF[type_]):
            raise self._wrong(f"has no {', '.join(unknown)}", f"{type_} has {', '.join(sorted(_OF[type_]))}")
        texts = {name: self._text(name) for name in _TEXTS if name in self._said}
        lists = {name: self._list(name, self._said[name]) for name in _LISTS if name in self._said}
        if missing := [name for name in _NEEDED[type_] if not (texts.get(name) or lists.get(name))]:
            raise self._wrong(f"lacks {', '.join(missing)}", f"{type_} needs {', '.join(_NEEDED[type_])}")
        is_reviewed = type_ is IdentityType.KUBERNETES and "server" in texts
        if type_ is IdentityType.KUBERNETES and (
            is_reviewed is ("issuer" in texts) or is_reviewed is not ("token-file" in texts)
        ):
            raise self._wrong("is asked in one of two ways", "say server and token-file, or issuer")
        made = IdentitySettings(
            type_,
            texts["audience"],
            Rules(self._rules(type_), self._seconds(type_), texts.get("teams-from", "")),
            texts.get("issuer", _GITHUB if type_ is IdentityType.GITHUB_ACTIONS else ""),
            self._algorithms(lists.get("algorithms", ("RS256",))),
            texts.get("called", ""),
            texts.get("prefix", ""),
            texts.get("scopes", "openid email"),
            self._flag("devices"),
            lists.get("sts", ()),
            lists.get("people", ()),
            texts.get("server", ""),
            self._base / texts["certificate-authority"] if "certificate-authority" in texts else None,
            self._base / texts.get("token-file", ""),
        )
        self._refuse_open_addresses(made)
        return made

    def _type(self) -> IdentityType:
        try:
            return IdentityType(str(self._said.get("type")))
        except ValueError:
            raise self._wrong(
                f"is of type {self._said.get('type')!r}", f"types are {', '.join(IdentityType)}"
            ) from None

    def _text(self, name: str) -> str:
        if isinstance(found := self._said[name], str) and found and found.isprintable():
            return found
        raise self._wrong(f"{name} must be a text, not {found!r}")

    def _flag(self, name: str) -> bool:
        if isinstance(found := self._said.get(name, False), bool):
            return found
        raise self._wrong(f"{name} must be true or false, not {found!r}")

    def _list(self, name: str, said: object) -> tuple[str, ...]:
        many = cast("list[object]", said) if isinstance(said, list) else [said]
        if many and all(isinstance(one, str) and one for one in many):
            return tuple(cast("list[str]", many))
        raise self._wrong(f"{name} must be a text, or a list of texts, not {said!r}")

    def _algorithms(self, said: Sequence[str]) -> tuple[str, ...]:
        if unknown := [one for one in said if one not in ALGORITHMS]:
            raise self._wrong(f"algorithms has {', '.join(unknown)}", f"there are {', '.join(ALGORITHMS)}")
        return tuple(said)

    def _seconds(self, type_: IdentityType) -> float:
        found = self._said.get("session", _USUAL_SECONDS.get(type_, _USUAL_REST))
        if isinstance(found, int) and not isinstance(found, bool) and 60 <= found <= _MOST_SECONDS:
            return found
        raise self._wrong(f"session must be seconds, 60 to {_MOST_SECONDS}, not {found!r}")

    def _rules(self, type_: IdentityType) -> tuple[Rule, ...]:
        said = self._said.get("allow")
        if said is None and type_ is IdentityType.GITHUB_ACTIONS:
            return ()  # its jobs have the right to the runs that they are for, and no other
        if not isinstance(said, list) or not said:
            raise self._wrong("lets nobody in", 'write [[….allow]] with when = { … } and scope = "read"')
        return tuple(self._rule(type_, one) for one in cast("list[object]", said))

    def _rule(self, type_: IdentityType, said: object) -> Rule:
        table = _table(f"{self._where} allow", said)
        given = _table(f"{self._where} allow.when", table.get("when", {}))
        if unknown := sorted(table.keys() - _RULE):
            raise self._wrong(f"allow has no {', '.join(unknown)}", f"it has {', '.join(sorted(_RULE))}")
        if not given:
            raise self._wrong("allow says of nobody that it is about him", 'write when = { groups = "baristas" }')
        when = {name: self._list(f"allow.when.{name}", one) for name, one in given.items()}
        self._refuse_everybody(type_, when)
        try:
            scope = Scope(str(table.get("scope")))
        except ValueError:
            raise self._wrong(f"allow.scope must be one of {', '.join(Scope)}, not {table.get('scope')!r}") from None
        return Rule(when, scope, self._list("allow.teams", table["teams"]) if "teams" in table else ())

    def _refuse_everybody(self, type_: IdentityType, when: Mapping[str, Sequence[str]]) -> None:
        fixing = [when[name] for name in _FIXED.get(type_, ()) if name in when]
        is_fixed = any(all(_is_fixed(type_, one) for one in wanted) for wanted in fixing)
        if type_ in _FIXED and not is_fixed:
            names = " or ".join(_FIXED[type_])
            raise self._wrong(f"allow.when fixes no {names}", "it would be about strangers, too")

    def _refuse_open_addresses(self, made: IdentitySettings) -> None:
        for url in filter(None, (made.issuer, made.server, *made.sts)):
            if not is_safe(url) or "?" in url or "#" in url:
                raise self._wrong(f"{url} is neither https nor on this machine", "an answer could be anybody's")
        if wrong := [url for url in made.sts if not re.fullmatch(r"[a-z]+://[^/]+/", url)]:
            raise self._wrong(f"sts has {', '.join(wrong)}", "write https://sts.REGION.amazonaws.com/")

    def _wrong(self, fact: str, next_step: str = "") -> SettingsInvalid:
        return SettingsInvalid(f"{self._where} {fact}", next_step=next_step)


def _is_fixed(type_: IdentityType, wanted: str) -> bool:
    if type_ is IdentityType.AWS_IAM:
        return _ACCOUNT.fullmatch(wanted) is not None
    return "*" not in wanted


def _table(where: str, said: object) -> Mapping[str, object]:
    if isinstance(said, dict):
        return cast("Mapping[str, object]", said)
    raise SettingsInvalid(f"{where} must be a table, not {said!r}")
