"""Who proves to a server who he is, as the settings say it: chooses what each kind of identities is asked by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, assert_never

from odmd.control.access.identities import Identities, IdentityType
from odmd.control.access.sessions import KnownIdentity
from odmd.control.reading.checks import Found
from odmd.errors import SettingsInvalid

if TYPE_CHECKING:
    from odmd.bootstrap.identity_settings import IdentitySettings
    from odmd.bootstrap.settings import Settings
    from odmd.graph import Graph
    from odmd.providers.identities import SignedTokens

_ONE_SESSION: Final = 3600.0
"""Seconds for which a token that is good for one session may be old."""


def known_identities(settings: Mapping[str, IdentitySettings]) -> Mapping[str, KnownIdentity]:
    """By name.

    Raises:
        SettingsInvalid: a file that one names cannot be read.
    """
    found = dict[str, KnownIdentity]()
    for name, one in settings.items():
        try:
            found[name] = KnownIdentity(_identities(name, one), one.rules)
        except OSError as wrong:
            raise SettingsInvalid(f"[tool.odmd.identities.{name}] {one.authority_file}: {wrong.strerror}") from wrong
    return found


def standing(settings: Settings, graph: Graph | None) -> Found:
    """Who can prove to a server who he is, and whether what he may do is narrow."""
    deciding = [name for name, one in settings.identities.items() if one.decides]
    notes = list[str]()
    if graph is not None and not graph.governed.policies:
        notes.append("the contracts have no policies: who may write, may write everywhere")
    if len(deciding) > 1:
        notes.append(f"who is known by several of {', '.join(deciding)} counts twice where several have to say yes")
    if not settings.names:
        notes.append("nothing says by which names a server is asked")
    fact = f"by {', '.join(sorted(settings.identities))}"
    hint = "docs/guides/policies.md and identities.md say how it is narrower"
    return Found("; ".join([fact, *notes]), "note", hint) if notes else Found(fact)


def _identities(name: str, said: IdentitySettings) -> Identities:
    from odmd.providers.identities import (
        GithubJobs,
        IamPrincipals,
        OfIssuer,
        People,
        Reviewer,
        ServiceAccounts,
        Web,
    )

    match said.type:
        case IdentityType.OIDC:
            tokens, devices = _tokens(said, _ONE_SESSION), said.devices
            return People(name, tokens, said.called, said.scopes, prefix=said.prefix, without_nonce=devices)
        case IdentityType.GITHUB_ACTIONS:
            return GithubJobs(name, _tokens(said, _ONE_SESSION))
        case IdentityType.AWS_IAM:
            return IamPrincipals(name, said.audience, said.sts, Web(), said.people)
        case IdentityType.KUBERNETES if said.server:
            web = Web(said.authority_file)
            return ServiceAccounts(name, Reviewer(said.server, said.audience, said.token_file, web))
        case IdentityType.KUBERNETES:
            return ServiceAccounts(name, OfIssuer(_tokens(said)))
    assert_never(said.type)


def _tokens(said: IdentitySettings, oldest: float | None = None) -> SignedTokens:
    from odmd.providers.identities import Expected, Issuer, SignedTokens, Web

    expected = Expected(said.audience, said.algorithms)
    if oldest is not None:
        expected = Expected(said.audience, said.algorithms, oldest)
    return SignedTokens(Issuer(said.issuer, Web(said.authority_file)), expected)
