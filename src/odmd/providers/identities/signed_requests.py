"""People and roles of AWS: they sign a question to STS, who they are, and the server has it answered.

The secret key never leaves whoever signs. That the question was meant for this server stands in a header that is
signed with it, so what another server was sent is of no use here.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, cast
from urllib.parse import urlsplit
from xml.etree import ElementTree

from odmd.control.access.identities import (
    IdentityProof,
    IdentityTold,
    IdentityType,
    NotProven,
    ProvenIdentity,
    has_form,
)
from odmd.control.access.signed_question import BODY, CONTENT_TYPE, NONCE, SERVER
from odmd.control.scheduler.actor import ActorKind
from odmd.providers.identities.web import Web

_FRESH: Final = 300.0
"""Seconds by which a question may be older, or newer, than now."""
_AUTHORIZATION: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([A-Za-z0-9]{4,128})/([0-9]{8})/([a-z0-9-]{1,30})/sts/aws4_request, ?"
    r"SignedHeaders=([a-z0-9;-]{1,300}), ?Signature=([0-9a-f]{64})"
)
_MUST: Final = frozenset({"host", "x-amz-date", SERVER.lower(), NONCE.lower()})
_MAY: Final = _MUST | {
    "authorization",
    "content-type",
    "content-length",
    "x-amz-security-token",
    "x-amz-content-sha256",
}
_PLAIN: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,8190}[\x21-\x7e])?")
_IDENTITY_CENTER: Final = "AWSReservedSSO_"
"""Of roles that IAM Identity Center makes: it alone assumes them, and calls sessions by the names of its users."""
_ARN: Final = re.compile(r"arn:(aws[a-z-]*):(iam|sts)::([0-9]{12}):(root|[a-z-]+/[\x21-\x7e]{1,600})")


class IamPrincipals:
    """Whoever STS knows.

    Args:
        server: what this server is called in signed headers.
        allowed: the addresses of STS where questions may be for: nothing is ever sent elsewhere.
        people: forms of the ARNs of roles whose sessions are named by who lets people in, and not by these.
    """

    def __init__(
        self,
        name: str,
        server: str,
        allowed: Sequence[str],
        web: Web,
        people: Sequence[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._server, self._allowed, self._web, self._clock = server, tuple(allowed), web, clock
        self._people = tuple(people)
        self._told = IdentityTold(name, IdentityType.AWS_IAM, server, " ".join(allowed))

    @property
    def told(self) -> IdentityTold:
        return self._told

    def prove(self, proof: IdentityProof) -> ProvenIdentity:
        """Raises:
        NotProven
        """
        url, headers = _question(proof.text)
        if url not in self._allowed:
            raise NotProven("it is not for an STS that the settings name")
        key, signature = self._refuse_what_is_not_for_us(url, headers)
        self._refuse_stale(headers["x-amz-date"])
        arn = _arn(self._web.answer(url, {**headers, "accept": "text/xml"}, BODY.encode()))
        subject, name, kind, facts = _principal(arn, self._people)
        once = f"{key} {headers['x-amz-date']} {signature}"
        until = self._clock() + 2 * _FRESH
        return ProvenIdentity(subject, name, kind, f"STS says {arn}", facts, once, until)

    def _refuse_what_is_not_for_us(self, url: str, headers: Mapping[str, str]) -> tuple[str, str]:
        """The access key, and the signature."""
        if not headers.keys() <= _MAY or not headers.keys() >= _MUST:
            raise NotProven(f"its headers are {', '.join(sorted(headers))}")
        if (found := _AUTHORIZATION.fullmatch(headers.get("authorization", ""))) is None:
            raise NotProven("its signature has another form")
        signed = set(found[4].split(";"))
        if not signed >= headers.keys() - {"authorization"}:
            raise NotProven("not all of its headers are signed")
        if headers[SERVER.lower()] != self._server or headers["host"] != urlsplit(url).netloc:
            raise NotProven("it is for another server")
        if headers.get("content-type", CONTENT_TYPE) != CONTENT_TYPE:
            raise NotProven("it is another question")
        return found[1], found[5]

    def _refuse_stale(self, said: str) -> None:
        try:
            at = datetime.strptime(said, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        except ValueError:
            raise NotProven("its date is none") from None
        if abs(self._clock() - at) > _FRESH:
            raise NotProven(f"it is of {said}: do the clocks agree?")


def _question(text: str) -> tuple[str, Mapping[str, str]]:
    """The address, and the headers by their names in small letters."""
    try:
        said: object = json.loads(text)
    except (ValueError, RecursionError):
        raise NotProven("it is no signed question") from None
    question: Mapping[str, object] = cast("Mapping[str, object]", said) if isinstance(said, dict) else {}
    url, given = question.get("url"), question.get("headers")
    if not isinstance(url, str) or not isinstance(given, dict):
        raise NotProven("it is no signed question")
    headers = {name.lower(): one for name, one in cast("Mapping[str, object]", given).items()}
    if len(headers) != len(cast("Mapping[str, object]", given)):
        raise NotProven("it has a header twice")
    texts = {name: one for name, one in headers.items() if isinstance(one, str) and _PLAIN.fullmatch(one)}
    if len(texts) != len(headers):
        raise NotProven("it has a header that is no text")
    return url, texts


def _arn(answer: bytes) -> str:
    if b"<!" in answer:
        raise NotProven("STS answers with declarations")
    try:
        found = ElementTree.fromstring(answer)  # noqa: S314  # without declarations, it says nothing but itself
    except (ElementTree.ParseError, ValueError):
        raise NotProven("STS answers with no XML") from None
    arns = [one.text or "" for one in found.iter() if one.tag.rpartition("}")[2] == "Arn"]
    if found.tag.rpartition("}")[2] != "GetCallerIdentityResponse" or len(arns) != 1:
        raise NotProven("STS does not say who it is")
    return arns[0]


def _principal(arn: str, people: Sequence[str]) -> tuple[str, str, ActorKind, Mapping[str, frozenset[str]]]:
    """Subject, name, kind and facts. What somebody calls his session of a role says nothing of who he is: all who
    assume it are one, unless somebody else names its sessions, as IAM Identity Center does."""
    if (found := _ARN.fullmatch(arn)) is None:
        raise NotProven(f"{arn!r} is nobody")
    partition, account, rest = found[1], found[3], found[4]
    what, _, name = rest.partition("/")
    if what not in ("user", "root", "assumed-role"):
        raise NotProven(f"{arn!r} is neither a user nor a role")
    if what != "assumed-role":
        facts = {"arn": frozenset([arn]), "account": frozenset([account])}
        return arn, f"{account}:{name or what}", ActorKind.PERSON, facts
    role = name.partition("/")[0]
    of_role = f"arn:{partition}:iam::{account}:role/{role}"
    facts = {"arn": frozenset([of_role]), "account": frozenset([account])}
    if role.startswith(_IDENTITY_CENTER) or any(has_form(of_role, one) for one in people):
        return arn, f"{account}:{name}", ActorKind.PERSON, facts
    return of_role, f"{account}:{role}", ActorKind.ROLE, facts
