"""Clients of AWS, one per service, account and region; any endpoint (`AWS_ENDPOINT_URL`) will do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Final, cast

from odmd.control.deployment import Target
from odmd.errors import CloudUnreachable, ToolMissing

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.config import Config
    from botocore.loaders import Loader
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

_DIGITS_OF_AN_ACCOUNT: Final = 12


class Sessions:
    """Hands out clients; safe to use from many threads.

    `profiles` maps accounts to profiles of the shared AWS config; other accounts use the default credentials. An
    access key of twelve digits is an emulator's way to say which account is meant, so there every account is at hand;
    `emulated` says so whatever the environment holds.
    """

    def __init__(
        self,
        *,
        endpoint: str | None = None,
        profiles: Mapping[str, str] | None = None,
        emulated: bool = False,
        attempts: int = 5,
    ) -> None:
        self._attempts = attempts
        self._endpoint, self._profiles, self._emulated = endpoint, dict(profiles or {}), emulated
        self._lock = threading.RLock()
        self._sessions: dict[str, Session] = {}
        self._clients: dict[tuple[str, Target], object] = {}

    def cloudformation(self, target: Target) -> CloudFormationClient:
        """The client for stacks."""
        return cast("CloudFormationClient", self._client("cloudformation", target))

    def events(self, target: Target) -> EventBridgeClient:
        """The client for event buses."""
        return cast("EventBridgeClient", self._client("events", target))

    def s3(self, target: Target) -> S3Client:
        """The client for assets."""
        return cast("S3Client", self._client("s3", target))

    def ssm(self, target: Target) -> SSMClient:
        """The client for the mirror."""
        return cast("SSMClient", self._client("ssm", target))

    def sts(self, target: Target) -> STSClient:
        """The client that knows whose credentials these are."""
        return cast("STSClient", self._client("sts", target))

    def _client(self, service: str, target: Target) -> object:
        with self._lock:
            if (service, target) not in self._clients:
                make = cast("Callable[..., object]", self._session(target.account).client)
                self._clients[service, target] = make(
                    service, region_name=target.region, endpoint_url=self._endpoint, config=_config(self._attempts)
                )
            return self._clients[service, target]

    def _session(self, account: str) -> Session:
        """One per account, since making one is slow and not safe from many threads."""
        if account not in self._sessions:
            self._sessions[account] = _session(account, self._profiles.get(account), self._emulated)
        return self._sessions[account]


def _session(account: str, profile: str | None, emulated: bool) -> Session:
    try:
        from boto3.session import Session
        from botocore.exceptions import ProfileNotFound
        from botocore.session import Session as Core
    except ImportError as missing:
        raise ToolMissing("boto3 is not installed", next_step="pip install 'ondemandenv[aws]'") from missing

    core = Core()
    core.register_component("data_loader", _loader())
    if emulated:
        return Session(botocore_session=core, aws_access_key_id=account, aws_secret_access_key="emulator")  # noqa: S106
    try:
        session = Session(botocore_session=core, profile_name=profile)
        credentials = session.get_credentials()
    except ProfileNotFound as missing:
        raise CloudUnreachable(f"{missing}, which is meant for account {account}") from missing
    if credentials is not None and _names_an_account(key := credentials.access_key) and key != account:
        return Session(botocore_session=core, aws_access_key_id=account, aws_secret_access_key=credentials.secret_key)
    return session


@cache
def _loader() -> Loader:
    """Reads the descriptions of services once for all accounts: that is most of what a client costs."""
    from botocore.loaders import create_loader
    from botocore.session import Session as Core

    return create_loader(Core().get_config_variable("data_path"))


def _names_an_account(access_key: str | None) -> bool:
    return bool(access_key) and len(access_key) == _DIGITS_OF_AN_ACCOUNT and access_key.isdigit()


def _config(attempts: int) -> Config:
    from botocore.config import Config

    return Config(
        connect_timeout=5,
        read_timeout=60,
        max_pool_connections=32,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
