"""How a cluster is reached, and who is signed in there."""

from __future__ import annotations

import base64
import binascii
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from odmd.errors import ClusterSignInRefused, ToolMissing
from odmd.model.targets import Target

if TYPE_CHECKING:
    from botocore.client import BaseClient

_LASTS: Final = 60
"""Seconds within which a presigned request is taken for the first time; EKS holds to it for 15 minutes."""
_RENEWED_AFTER: Final = 10 * 60.0
_HEADER: Final = "x-k8s-aws-id"
_PREFIX: Final = "k8s-aws-v1."


class BearerToken(Protocol):
    """Says by what we are known."""

    def __call__(self, *, anew: bool = False) -> str:
        """`anew`: what it said last was refused."""
        ...


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """A cluster's API server, and a token for it, each time it is asked for."""

    server: str
    authority: str
    """Certificates in PEM of who signs for the server; empty: those that the machine trusts."""
    token: BearerToken


class Clusters(Protocol):
    """Knows how clusters are reached."""

    def access(self, name: str, target: Target) -> ClusterAccess:
        """That of a cluster by its name in an account and region.

        Raises:
            ClusterSignInRefused: nobody knows it, or nobody may sign in.
        """
        ...


class EksClusters:
    """Clusters of EKS: the endpoint comes from EKS, and the token is a request to STS that is signed and not sent.

    Args:
        client: the client of an AWS service in an account and region.
    """

    def __init__(self, client: Callable[[str, Target], BaseClient]) -> None:
        self._client = client

    def access(self, name: str, target: Target) -> ClusterAccess:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            found = cast("Any", self._client("eks", target)).describe_cluster(name=name)["cluster"]
            authority = base64.b64decode(found.get("certificateAuthority", {}).get("data") or b"").decode()
            return ClusterAccess(str(found["endpoint"]), authority, Kept(lambda: self._token(name, target)))
        except (BotoCoreError, ClientError, KeyError, binascii.Error, UnicodeDecodeError) as wrong:
            raise ClusterSignInRefused(
                f"EKS cluster {name} in {target.account}, {target.region} cannot be described: {wrong}",
                next_step="let the name in the contracts be that of a cluster there, and allow eks:DescribeCluster",
            ) from wrong

    def _token(self, name: str, target: Target) -> str:
        """What `aws eks get-token` prints."""
        sts = cast("Any", self._client("sts", target))
        on = sts.meta.events.register
        on("provide-client-params.sts.GetCallerIdentity", _set_aside, unique_id="odmd-cluster-params")
        on("before-sign.sts.GetCallerIdentity", _sign_for, unique_id="odmd-cluster-header")
        signed = sts.generate_presigned_url(
            "get_caller_identity", Params={_HEADER: name}, ExpiresIn=_LASTS, HttpMethod="GET"
        )
        return _PREFIX + base64.urlsafe_b64encode(signed.encode()).decode().rstrip("=")


def _set_aside(params: dict[str, Any], context: dict[str, Any], **_rest: object) -> None:
    if _HEADER in params:
        context[_HEADER] = params.pop(_HEADER)


def _sign_for(request: Any, **_rest: object) -> None:
    if _HEADER in request.context:
        request.headers[_HEADER] = request.context[_HEADER]


@dataclass(frozen=True, slots=True)
class NamedCluster:
    """A cluster that the settings of this machine name, be it of EKS or not."""

    server: str
    authority_file: Path | None
    token_file: Path


class NamedClusters:
    """Those that the settings name; all others are looked up elsewhere."""

    def __init__(self, named: Mapping[str, NamedCluster], others: Clusters | None = None) -> None:
        self._named, self._others = named, others

    def access(self, name: str, target: Target) -> ClusterAccess:
        if (one := self._named.get(name)) is not None:
            authority = _read(one.authority_file) if one.authority_file else ""
            return ClusterAccess(one.server, authority, lambda *, anew=False: _read(one.token_file))  # noqa: ARG005
        if self._others is None:
            raise ToolMissing("boto3 is not installed", next_step="pip install 'ondemandenv[aws]'")
        return self._others.access(name, target)


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError) as wrong:
        raise ClusterSignInRefused(
            f"{file} cannot be read: {wrong}", next_step="write what [tool.odmd.clusters] says is there"
        ) from wrong


class Kept:
    """Asks for something again before it is too old; safe from many threads."""

    def __init__(self, make: Callable[[], str], lasts: float = _RENEWED_AFTER) -> None:
        self._make, self._lasts, self._lock = make, lasts, threading.Lock()
        self._made: tuple[float, str] | None = None

    def __call__(self, *, anew: bool = False) -> str:
        with self._lock:
            if anew or self._made is None or time.monotonic() - self._made[0] >= self._lasts:
                self._made = (time.monotonic(), self._make())
            return self._made[1]
