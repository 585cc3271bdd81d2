"""Settings: `[tool.odmd]` of the nearest `pyproject.toml`, overridden by environment variables and options.

[tool.odmd]
contracts = "coffee_shop:organisation"    # or path/to/file.py:attribute
repositories = "https://github.com/{repo}.git"
retire-after = 5                          # seconds
runs-at-once = 2
database = "postgresql://HOST/odmd"       # instead of a file; with a password, better in ODMD_DATABASE_URL
names = ["odmd.acme.example"]             # by which a server is asked, as `Host` has them; or ODMD_NAMES, with commas
proxies = ["10.0.4.0/24"]                 # whose X-Forwarded-For a server believes; or ODMD_PROXIES, with commas
poll = 60                                 # seconds after which a server reads branches of continuous stages; 0: never
keep = 90                                 # days of history; 0: for ever
worker-patience = 12                      # seconds
demand-lock = false                       # true: an app without a lock file is refused
package-scripts = true                    # false: packages run no scripts of theirs while they are installed
isolation = "preferred"                   # of foreign code: required (odmd serve, odmd worker), preferred, off
app-network = false                       # true: caged apps reach the network
app-reads = ["/opt/jdk"]                  # what caged apps may read besides
image-builder = "buildah"                 # or "buildx"; not said: what is there, buildah first
image-findings = "critical"               # from which severity on images are refused; not said: none are
lookups = "refused"                       # what apps look up in their account: refused, made (and kept with the run)

[tool.odmd.limits]                        # how many runs at once, beside `runs-at-once` for all
place = 4                                 # in one account and region
cdk = 8                                   # of a build type

[tool.odmd.app-limits]                    # what a program of an app may take; these are the usual ones
memory-mb = 8000
processes = 1000                          # with threads
seconds = 1800
disk-mb = 10000                           # checkout, assembly and cache
attempts = 5                              # of one run, whose worker was lost each time

[tool.odmd.quotas]                        # how much one run may hand in over HTTP; these are the usual ones
steps = 5000
steps-mb = 50
lines = 20000                             # of its app, and as many of odmd's own; the rest is dropped, and said so
lines-mb = 16
artifacts = 50
artifacts-mb = 500

[tool.odmd.profiles]                      # accounts whose credentials are not the default ones
111122223333 = "dev"                      # account id = profile of the AWS config

[tool.odmd.clusters.dev]                  # a cluster that is not to be looked up in EKS, by its name in the contracts
server = "https://10.0.0.1:6443"
certificate-authority = "ca.pem"          # none: what this machine trusts
token-file = "token"                      # read each time

[tool.odmd.config]                        # where layers of config are kept, if not in the database
repository = "acme/config"                # with branch = "main" and folder = "config"; or in SSM, all three of:
# parameters = "/acme/odmd"               # account = "111122223333", region = "eu-west-1"; and a key of KMS, key = "…"

[tool.odmd.identities.company]            # who can prove to a server who he is: see identity_settings
type = "oidc"

[tool.odmd.notify.payments]               # who is told of what happens: see notify_settings
to = ["env:ODMD_NOTIFY_PAYMENTS"]

[tool.odmd.drift]                         # how old a look at what runs may get: see drift_settings
every = "6h"

[tool.odmd.prices.instances]              # your own prices, in the place of list prices: see price_settings
"t3.medium" = 0.026

[tool.odmd.actions]                       # runs of builds that run on GitHub Actions are given to jobs there
identity = "actions"                      # of [tool.odmd.identities]: by which these jobs are known
server = "https://odmd.acme.example"      # as these jobs reach it
workflows = "propose"                     # or "commit": what `odmd serve` does when the contracts want other ones
claimed-within = 3600                     # seconds for which a run waits for its job; this is the usual

[tool.odmd.github]                        # whose pull requests are reviewed: see github_settings
contracts = "acme/contracts"

[tool.odmd.roles]                         # with what rights runs act in AWS: see role_settings
use = "auto"

[tool.odmd.audit]                         # where the end of the log is written down: see audit_settings
anchors = "s3://acme-audit/odmd"

[tool.odmd.qualifiers]                    # accounts that were bootstrapped with `cdk bootstrap --qualifier`
111122223333 = "acme"                     # account id = qualifier
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from odmd.bootstrap.app_limits import AppLimits
from odmd.bootstrap.audit_settings import AuditSettings, read_audit
from odmd.bootstrap.choices import read_choice
from odmd.bootstrap.cluster_settings import ClusterSettings, read_clusters
from odmd.bootstrap.config_settings import ConfigStore, read_config_store
from odmd.bootstrap.drift_settings import DriftSettings, read_drift
from odmd.bootstrap.github_settings import GithubSettings, read_github
from odmd.bootstrap.host_settings import read_names, read_proxies
from odmd.bootstrap.numbers import is_number, read_numbers
from odmd.bootstrap.price_settings import Amounts, no_prices, read_prices
from odmd.bootstrap.quotas import Quotas
from odmd.bootstrap.role_settings import RoleSettings, read_roles
from odmd.control.access.origins import Network
from odmd.errors import SettingsInvalid, TextUnfit
from odmd.isolation import Isolation
from odmd.model.build_types import BuilderName, ScanSeverity
from odmd.store.where import Postgres
from odmd.texts import is_text

if TYPE_CHECKING:
    from odmd.bootstrap.actions_settings import ActionsSettings
    from odmd.bootstrap.identity_settings import IdentitySettings
    from odmd.bootstrap.notify_settings import NotifySettings

W = TypeVar("W", bound=StrEnum)

_GITHUB: Final = "https://github.com/{repo}.git"
_KNOWN: Final = (
    "contracts",
    "repositories",
    "retire-after",
    "runs-at-once",
    "profiles",
    "database",
    "keep",
    "names",
    "proxies",
    "poll",
    "worker-patience",
    "limits",
    "demand-lock",
    "package-scripts",
    "qualifiers",
    "isolation",
    "app-network",
    "app-reads",
    "app-limits",
    "image-builder",
    "image-findings",
    "lookups",
    "quotas",
    "clusters",
    "config",
    "identities",
    "audit",
    "notify",
    "github",
    "roles",
    "actions",
    "drift",
    "prices",
)
_HEADER: Final = re.compile(r"^\s*\[tool\.odmd[].]", re.MULTILINE)
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_BY_ACCOUNT: Final = {
    "profiles": ("profile's name", re.compile(r".*\S.*")),
    "qualifiers": ("qualifier, 1 to 10 small letters and digits", re.compile(r"[a-z0-9]{1,10}")),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a command works with."""

    base: Path
    """Folder that relative paths in the settings start from: that of the `pyproject.toml`, else the working folder."""
    contracts_base: Path
    """The same for the contracts; what the command line or the environment says starts from the working folder."""
    state: Path
    contracts: str
    repositories: str
    retire_after: float
    runs_at_once: int
    profiles: Mapping[str, str]
    """Account id → the profile of the AWS config that has its credentials."""
    database: Postgres | None = None
    """Where the state is, if not in a file of the state folder."""
    keep: float = 90.0
    """Days after which what is over is forgotten; 0: never."""
    names: tuple[str, ...] = ()
    """By which a server is asked, in small letters; it answers no other ones. Empty: whatever they are."""
    proxies: tuple[Network, ...] = ()
    """Networks of the proxies before a server, which are believed where a request comes from, and nobody else is."""
    poll: float = 60.0
    """Seconds after which branches of continuous stages are read again; 0: only when somebody says that one moved."""
    worker_patience: float = 12.0
    """Seconds after which the runs of a worker that is not heard of are given to others."""
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many runs at once in one `place`, or of a build type."""
    demand_lock: bool = False
    """Whether an app without a lock file is refused, instead of run in odmd's own environment."""
    package_scripts: bool = True
    """Whether packages may run scripts of their own while they are installed for an app."""
    qualifiers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Account id → the qualifier that it was bootstrapped with, where it is not CDK's own."""
    isolation: Isolation | None = None
    """Whether services' apps, and the contracts, are caged; None: as is usual for the command."""
    app_network: bool = False
    """Whether a caged app reaches the network."""
    app_reads: tuple[Path, ...] = ()
    """What a caged app may read besides what it is given."""
    app_limits: AppLimits = field(default_factory=AppLimits)
    """What an app may take of the machine."""
    looks_up: bool = False
    """Whether what apps look up in their account is looked up for them."""
    image_builder: BuilderName | None = None
    """What builds images; None: what is there."""
    image_findings: ScanSeverity | None = None
    """From which severity of findings on an image is refused; None: whatever they are."""
    quotas: Quotas = field(default_factory=Quotas)
    """How much one run may hand in over HTTP."""
    clusters: Mapping[str, ClusterSettings] = field(default_factory=dict[str, ClusterSettings])
    """Kubernetes clusters by name that are not to be looked up in EKS."""
    config: ConfigStore | None = None
    """Where layers of config are kept; None: in the state's database."""
    identities: Mapping[str, IdentitySettings] = field(default_factory=dict[str, "IdentitySettings"])
    """Who can prove to a server who he is, by name."""
    audit: AuditSettings | None = None
    """Where anchors of the log are written; None: nowhere."""
    notify: tuple[NotifySettings, ...] = ()
    """Who is told of what happens."""
    github: GithubSettings | None = None
    """Where the contracts are at GitHub, if pull requests on them are reviewed."""
    roles: RoleSettings = field(default_factory=RoleSettings)
    """With what rights runs act in AWS."""
    actions: ActionsSettings | None = None
    """How runs are given to jobs of GitHub Actions; None: they are not, and workers take them."""
    drift: DriftSettings = field(default_factory=DriftSettings)
    """When somebody looks whether what runs is what was deployed."""
    prices: Amounts = field(default_factory=no_prices)
    """An organisation's own, in the place of list prices."""

    def locate(self, repo: str) -> str:
        """Path or URL of a declared repository."""
        where = self.repositories.replace("{repo}", repo)
        return where if "://" in where or where.startswith("/") else str(self.base / where)

    def contracts_or_refuse(self) -> str:
        """Where the contracts are.

        Raises:
            SettingsInvalid: nothing says where.
        """
        if not self.contracts:
            raise SettingsInvalid(
                "nothing says where the contracts are",
                next_step='write [tool.odmd] contracts = "package.module:attribute" in pyproject.toml, '
                "or give --contracts path/to/file.py:attribute",
            )
        return self.contracts


def read_settings(
    contracts: str | None = None, state: Path | None = None, isolation: Isolation | None = None
) -> Settings:
    """The settings for the working folder; arguments are what the command line said.

    Raises:
        SettingsInvalid: a value is not what it should be; names the file.
    """
    file = _nearest(_here())
    said: Mapping[str, Any] = _table(file) if file else {}
    base = file.parent if file else Path.cwd()
    given = contracts or os.environ.get("ODMD_CONTRACTS")
    identities = _identities(said, base, file)
    made = Settings(
        base=base,
        contracts_base=Path.cwd() if given else base,
        state=(state or Path(os.environ.get("ODMD_STATE") or base / ".odmd")).absolute(),
        contracts=given or _text(said, "contracts", "", file),
        repositories=_repositories(said, file),
        retire_after=_number(said, "retire-after", 5.0, file),
        runs_at_once=max(1, int(_number(said, "runs-at-once", 2, file))),
        profiles=_by_account(said, "profiles", file),
        database=_database(said, file),
        keep=_number(said, "keep", 90.0, file),
        names=read_names(said, file),
        proxies=read_proxies(said, file),
        poll=_number(said, "poll", 60.0, file),
        limits=_limits(said, file),
        worker_patience=max(1.0, _number(said, "worker-patience", 12.0, file)),
        demand_lock=_flag(said, "demand-lock", file),
        package_scripts=_flag(said, "package-scripts", file, usual=True),
        qualifiers=_by_account(said, "qualifiers", file),
        isolation=isolation or _isolation(said, file),
        app_network=_flag(said, "app-network", file),
        app_reads=_paths(said, "app-reads", base, file),
        app_limits=read_numbers(AppLimits, said.get("app-limits", {}), "app-limits", str(file)),
        quotas=read_numbers(Quotas, said.get("quotas", {}), "quotas", str(file)),
        looks_up=_lookups(said, file),
        image_builder=_one_of(BuilderName, "image-builder", said, file),
        image_findings=_one_of(ScanSeverity, "image-findings", said, file),
        clusters=read_clusters(said.get("clusters", {}), base, str(file)),
        config=read_config_store(said.get("config"), str(file)),
        identities=identities,
        audit=read_audit(said["audit"], base, str(file)) if "audit" in said else None,
        notify=_notify(said, base, file),
        github=read_github(said["github"], str(file)) if "github" in said else None,
        roles=read_roles(said.get("roles", {}), str(file)),
        actions=_actions(said, identities, file),
        drift=read_drift(said.get("drift", {}), str(file)),
        prices=read_prices(said.get("prices", {}), str(file)),
    )
    for text in (str(made.state), made.contracts, made.repositories):
        if not is_text(text):
            raise TextUnfit(f"{text!r} has half of a character, or a zero byte", next_step="write it in UTF-8")
    return made


def _here() -> Path:
    """The working folder.

    Raises:
        SettingsInvalid: it was removed under the feet of this process.
    """
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise SettingsInvalid("the working folder is not there any more", next_step="go to one that is") from None


def _nearest(folder: Path) -> Path | None:
    candidates = (parent / "pyproject.toml" for parent in (folder, *folder.parents))
    return next(
        (file for file in candidates if file.is_file() and _HEADER.search(file.read_text("utf-8", "replace"))), None
    )


def _table(file: Path) -> Mapping[str, Any]:
    try:
        said = tomllib.loads(file.read_text())["tool"]["odmd"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as wrong:
        raise SettingsInvalid(f"{file} cannot be read: {wrong}") from wrong
    if unknown := sorted(set(said) - set(_KNOWN)):
        raise SettingsInvalid(
            f"{file}: [tool.odmd] has no {', '.join(unknown)}", next_step=f"it has {', '.join(_KNOWN)}"
        )
    return said


def _text(said: Mapping[str, Any], key: str, default: str, file: Path | None) -> str:
    if isinstance(value := said.get(key, default), str):
        return value
    raise SettingsInvalid(f"{file}: [tool.odmd] {key} must be a text, not {value!r}")


def _repositories(said: Mapping[str, Any], file: Path | None) -> str:
    given = os.environ.get("ODMD_REPOSITORIES")
    template = given or _text(said, "repositories", _GITHUB, file)
    if "{repo}" in template:
        return template
    where = "ODMD_REPOSITORIES" if given else f"{file}: [tool.odmd] repositories"
    raise SettingsInvalid(
        f"{where} is {template!r}, which is the same for every repository",
        next_step=f'write {{repo}} where the repository\'s name belongs, as in "{_GITHUB}"',
    )


def _database(said: Mapping[str, Any], file: Path | None) -> Postgres | None:
    """The value is in no message: it may hold a password."""
    given = os.environ.get("ODMD_DATABASE_URL")
    where = "ODMD_DATABASE_URL" if given else f"{file}: [tool.odmd] database"
    if (text := given or said.get("database")) is None:
        return None
    try:
        return Postgres(str(text))
    except ValueError as wrong:
        raise SettingsInvalid(
            f"{where} is no address of a Postgres database: {wrong}",
            next_step="write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or nothing to keep the state in a file",
        ) from None


def _number(said: Mapping[str, Any], key: str, default: float, file: Path | None) -> float:
    value = said.get(key, default)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return value
    raise SettingsInvalid(f"{file}: [tool.odmd] {key} must be a number, 0 or more, not {value!r}")


def _flag(said: Mapping[str, Any], key: str, file: Path | None, *, usual: bool = False) -> bool:
    if isinstance(value := said.get(key, usual), bool):
        return value
    raise SettingsInvalid(f"{file}: [tool.odmd] {key} must be true or false, not {value!r}")


def _isolation(said: Mapping[str, Any], file: Path | None) -> Isolation | None:
    given = os.environ.get("ODMD_ISOLATION")
    where = "ODMD_ISOLATION" if given else f"{file}: [tool.odmd] isolation"
    return read_choice(Isolation, given or said.get("isolation"), where)


def _one_of(words: type[W], key: str, said: Mapping[str, Any], file: Path | None) -> W | None:
    return read_choice(words, said.get(key), f"{file}: [tool.odmd] {key}")


def _lookups(said: Mapping[str, Any], file: Path | None) -> bool:
    if (text := said.get("lookups", "refused")) in ("refused", "made"):
        return text == "made"
    raise SettingsInvalid(f"{file}: [tool.odmd] lookups must be refused or made, not {text!r}")


def _paths(said: Mapping[str, Any], key: str, base: Path, file: Path | None) -> tuple[Path, ...]:
    given = said.get(key, [])
    if isinstance(given, list) and all(isinstance(one, str) for one in cast("list[object]", given)):
        return tuple(base / one for one in cast("list[str]", given))
    raise SettingsInvalid(f"{file}: [tool.odmd] {key} must be a list of paths, not {given!r}")


def _limits(said: Mapping[str, Any], file: Path | None) -> Mapping[str, int]:
    given = said.get("limits", {})
    if not isinstance(given, dict):
        raise SettingsInvalid(f"{file}: [tool.odmd.limits] must be a table of numbers")
    limits = cast("Mapping[str, object]", given)
    wrong = [f"{name} = {number!r}" for name, number in limits.items() if not is_number(number)]
    if wrong:
        raise SettingsInvalid(
            f"{file}: [tool.odmd.limits] {', '.join(wrong)}: it must be a number of runs, 1 or more",
            next_step="name `place`, or a build type such as `cdk`",
        )
    return cast("Mapping[str, int]", limits)


def _by_account(said: Mapping[str, Any], key: str, file: Path | None) -> Mapping[str, str]:
    """A table of texts by account."""
    table, (what, fits) = said.get(key, {}), _BY_ACCOUNT[key]
    if not isinstance(table, dict):
        raise SettingsInvalid(
            f"{file}: [tool.odmd] {key} must be a table, not {table!r}",
            next_step=f'write [tool.odmd.{key}] and below it, for each account, 111122223333 = "…"',
        )
    named = cast("Mapping[str, object]", table)
    wrong = [f"{account} must be an account id, 12 digits" for account in named if not _ACCOUNT.fullmatch(account)]
    wrong += [f"{account} must be a {what}, not {text!r}" for account, text in named.items() if not _is(fits, text)]
    if wrong:
        raise SettingsInvalid(f"{file}: [tool.odmd.{key}] {'; '.join(wrong)}")
    return cast("Mapping[str, str]", named)


def _identities(said: Mapping[str, Any], base: Path, file: Path | None) -> Mapping[str, IdentitySettings]:
    if "identities" not in said:
        return {}
    from odmd.bootstrap.identity_settings import read_identities

    return read_identities(said["identities"], base, str(file))


def _actions(
    said: Mapping[str, Any], identities: Mapping[str, IdentitySettings], file: Path | None
) -> ActionsSettings | None:
    if "actions" not in said:
        return None
    from odmd.bootstrap.actions_settings import read_actions

    return read_actions(said["actions"], identities, str(file))


def _notify(said: Mapping[str, Any], base: Path, file: Path | None) -> tuple[NotifySettings, ...]:
    if "notify" not in said:
        return ()
    from odmd.bootstrap.notify_settings import read_notify

    return read_notify(said["notify"], base, str(file))


def _is(fits: re.Pattern[str], said: object) -> bool:
    return isinstance(said, str) and fits.fullmatch(said) is not None
