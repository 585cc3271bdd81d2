"""Clients of AWS, one per service, account and region; any endpoint (`AWS_ENDPOINT_URL`) will do."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, cast
from urllib.parse import urlsplit

from odmd.errors import CloudRefused, CredentialsRefused, ToolMissing
from odmd.graph.rights.used import RolesUsed
from odmd.model.targets import Acting, ActingTarget, Target
from odmd.providers.aws.codes import CREDENTIALS
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.taking import RolesInForce, has_taken, taken, taken_by_job

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.client import BaseClient
    from botocore.config import Config
    from botocore.credentials import RefreshableCredentials
    from botocore.loaders import Loader
    from botocore.session import Session as Core
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

_DIGITS_OF_AN_ACCOUNT: Final = 12
_RUNS_KEPT: Final = 64
"""As many runs keep the role that they took, until they ask again."""
_THIS_MACHINE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_Whose: TypeAlias = "tuple[str, Acting | None]"
"""Account, and the roles of the run that acts there."""
_FILES: Final = {"AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials", "AWS_CONFIG_FILE": "~/.aws/config"}


class Sessions:
    """Hands out clients; safe to use from many threads.

    `profiles` maps accounts to profiles of the shared AWS config; other accounts use the default credentials. An
    access key of twelve digits is an emulator's way to say which account is meant, so there every account is at hand,
    and no profile counts where the environment has such a key; `emulated` says so whatever the environment holds.
    Who asks for a run acts with its role, where `roles` says so; a job of GitHub takes it by `job_token`, which tells
    AWS which job that is, and needs no credentials.
    Credentials that were renewed, in whichever of AWS's files, are read again: a process may live for days.
    """

    def __init__(
        self,
        *,
        endpoint: str | None = None,
        profiles: Mapping[str, str] | None = None,
        emulated: bool = False,
        roles: RolesUsed = RolesUsed.OFF,
        job_token: Callable[[], str] | None = None,
    ) -> None:
        self._endpoint, self._profiles, self._emulated = endpoint, dict(profiles or {}), emulated
        self._lock, self._roles = threading.RLock(), RolesInForce(RolesUsed.REQUIRED if job_token else roles)
        self._job_token = job_token
        self._sessions: dict[_Whose, Session] = {}
        self._clients: dict[tuple[str, str, _Whose], object] = {}
        self._read = _stamps()

    def profile(self, account: str) -> str | None:
        """The profile that an account's credentials come from; None: the default ones."""
        return None if self.is_emulated else self._profiles.get(account)

    @property
    def is_emulated(self) -> bool:
        """Whether an emulator answers, whose accounts are all at hand."""
        return self._emulated or _names_an_account(os.environ.get("AWS_ACCESS_KEY_ID"))

    def on_this_machine(self, target: Target) -> str | None:
        """The endpoint, where it is an AWS on this machine."""
        endpoint = self.s3(target).meta.endpoint_url
        return endpoint if urlsplit(endpoint).hostname in _THIS_MACHINE else None

    def cloudformation(self, target: Target) -> CloudFormationClient:
        """The client for stacks."""
        return cast("CloudFormationClient", self._client("cloudformation", target))

    def ecr(self, target: Target) -> ECRClient:
        """The client for repositories of images."""
        return cast("ECRClient", self._client("ecr", target))

    def events(self, target: Target) -> EventBridgeClient:
        """The client for event buses."""
        return cast("EventBridgeClient", self._client("events", target))

    def s3(self, target: Target) -> S3Client:
        """The client for assets."""
        return cast("S3Client", self._client("s3", target))

    def secretsmanager(self, target: Target) -> SecretsManagerClient:
        """The client for secrets."""
        return cast("SecretsManagerClient", self._client("secretsmanager", target))

    def ssm(self, target: Target) -> SSMClient:
        """The client for parameters: the mirror, and those that are kept encrypted."""
        return cast("SSMClient", self._client("ssm", target))

    def sts(self, target: Target) -> STSClient:
        """The client that knows whose credentials these are."""
        return cast("STSClient", self._client("sts", target))

    def reader(self, service: str, target: Target) -> BaseClient:
        """The client for a service that is only read here and there."""
        return cast("BaseClient", self._client(service, target))

    def acting(self, target: Target) -> Acting | None:
        """The roles that one acts with there; None: the account's own credentials do it.

        Raises:
            CloudUnreachable, CloudRefused, CredentialsRefused
        """
        if not isinstance(target, ActingTarget):
            return None
        place = Target(target.account, target.region)
        with reaching(place):
            return target.acting if self._roles.at(place, lambda: self.cloudformation(place)) else None

    def handed_out(self, target: Target) -> Mapping[str, str] | None:
        """The environment variables that give a program the role that one acts with there, for an hour at most; None:
        the account has no roles, and nobody is given its own credentials.

        Raises:
            CloudUnreachable, CloudRefused, CredentialsRefused, RoleNotTaken
        """
        if (acting := self.acting(target)) is None:
            return None
        place = Target(target.account, target.region)
        with reaching(place):
            found = taken(acting, place, partial(self.sts, place)).get_frozen_credentials()
            here = self.on_this_machine(place)
        said = {"AWS_ACCESS_KEY_ID": found.access_key, "AWS_SECRET_ACCESS_KEY": found.secret_key}
        said |= {"AWS_SESSION_TOKEN": found.token, **dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), target.region)}
        said |= {"AWS_ENDPOINT_URL": here}
        return {name: text for name, text in said.items() if text}

    def _client(self, service: str, target: Target) -> object:
        """To be asked for anew for each look: whoever keeps one keeps its credentials, too."""
        whose = (target.account, self.acting(target))
        key = (service, target.region, whose)
        is_read = self._read == (stamps := _stamps())
        if is_read and (made := self._clients.get(key)) is not None:
            return made  # whoever has a client does not wait while another account's credentials are fetched
        with self._lock:
            if not is_read:
                self._read = stamps
                self._sessions.clear()
                self._clients.clear()
            if (made := self._clients.get(key)) is None:
                made = self._made(service, target, whose)
                if self._session(target, whose).get_credentials() is None:
                    del self._sessions[whose]  # the next look asks again where there were none
                else:
                    self._clients[key] = made
            return made

    def _made(self, service: str, target: Target, whose: _Whose) -> object:
        make = cast("Callable[..., BaseClient]", self._session(target, whose).client)
        try:
            made = make(service, region_name=target.region, endpoint_url=self._endpoint, config=_config())
        except ValueError as wrong:
            raise CloudRefused(f"{wrong}", next_step="AWS_ENDPOINT_URL wants http://HOST:PORT") from wrong
        made.meta.events.register("after-call", partial(self._look_at, whose))
        return made

    def _look_at(self, whose: _Whose, parsed: Mapping[str, object], **_rest: object) -> None:
        """Forgets credentials that AWS refuses: wherever they come from, the next look asks there again."""
        error = cast("Mapping[str, Mapping[str, str]]", parsed).get("Error", {})
        if error.get("Code") in CREDENTIALS:
            with self._lock:
                self._forget(whose)

    def _forget(self, whose: _Whose) -> None:
        self._sessions.pop(whose, None)
        for key in [key for key in self._clients if key[-1] == whose]:
            del self._clients[key]

    def _session(self, target: Target, whose: _Whose) -> Session:
        """One per account, and per run that acts there, since making one is slow and not safe from many threads."""
        if whose not in self._sessions:
            account, acting = whose
            if acting is None:
                self._sessions[whose] = _session(account, self.profile(account), self._emulated)
            else:
                place = Target(account, target.region)
                self._sessions[whose] = self._acting_session(acting, place)
                runs = [one for one in self._sessions if one[1] is not None]
                for over in runs[:-_RUNS_KEPT]:
                    self._forget(over)
        return self._sessions[whose]

    def _acting_session(self, acting: Acting, place: Target) -> Session:
        if self._job_token:
            return _session_of(taken_by_job(acting, place, partial(self.sts, place), self._job_token))
        with reaching(place):
            if has_taken(acting, place, self.sts(place)):
                return self._session(place, (place.account, None))
            return _session_of(taken(acting, place, partial(self.sts, place)))


def _stamps() -> tuple[object, ...]:
    """Changes when somebody writes to the files that credentials come from."""
    return tuple(_stamp(os.environ.get(name) or default) for name, default in _FILES.items())


def _stamp(file: str) -> tuple[int, int, int] | None:
    try:
        found = Path(file).expanduser().stat()
    except (OSError, RuntimeError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _session(account: str, profile: str | None, emulated: bool) -> Session:
    try:
        from boto3.session import Session
        from botocore.exceptions import ProfileNotFound
        from botocore.session import Session as Core
    except ImportError as missing:
        raise ToolMissing("boto3 is not installed", next_step="pip install 'ondemandenv[aws]'") from missing

    core = Core(profile=profile)
    try:
        core.register_component("data_loader", _loader())
        _give_credentials(core, account, emulated)
    except ProfileNotFound as missing:
        raise CredentialsRefused(
            f"{missing}, which is meant for account {account}", next_step=_next_step(account, profile, core.profile)
        ) from missing
    return Session(botocore_session=core)  # one a core: a second one would add its methods to clients again


class _TakenCredentials:
    """What botocore asks for credentials."""

    def __init__(self, credentials: RefreshableCredentials) -> None:
        self._credentials = credentials

    def load_credentials(self) -> RefreshableCredentials:
        return self._credentials


def _session_of(credentials: RefreshableCredentials) -> Session:
    """One that acts with a role."""
    from boto3.session import Session
    from botocore.session import Session as Core

    core = Core(profile=None)
    core.register_component("data_loader", _loader())
    core.register_component("credential_provider", _TakenCredentials(credentials))
    return Session(botocore_session=core)


def _give_credentials(core: Core, account: str, emulated: bool) -> None:
    """An emulator's credentials become those of the account that is meant; others stay as they are found."""
    if emulated:
        core.set_credentials(account, "emulator")
        return
    credentials = core.get_credentials()
    if credentials is not None and _names_an_account(credentials.access_key):
        core.set_credentials(account, credentials.secret_key)


def _next_step(account: str, configured: str | None, missing: str | None) -> str:
    make = f"make profile {missing} (`aws configure --profile {missing}`), or "
    if configured is None:
        return f"{make}unset AWS_PROFILE"
    return f"{make}name another one for {account} in [tool.odmd.profiles] of pyproject.toml"


@cache
def _loader() -> Loader:
    """Reads the descriptions of services once for all accounts: that is most of what a client costs."""
    from botocore.loaders import create_loader
    from botocore.session import Session as Core

    return create_loader(Core().get_config_variable("data_path"))


def _names_an_account(access_key: str | None) -> bool:
    return bool(access_key) and len(access_key) == _DIGITS_OF_AN_ACCOUNT and access_key.isdigit()


def _config() -> Config:
    """As the environment says how often a request is tried (`AWS_MAX_ATTEMPTS`), else five times."""
    from botocore.config import Config

    said = "AWS_MAX_ATTEMPTS" in os.environ
    return Config(
        connect_timeout=5,
        read_timeout=60,
        max_pool_connections=32,
        retries={"mode": "standard"} if said else {"mode": "standard", "total_max_attempts": 5},
    )
