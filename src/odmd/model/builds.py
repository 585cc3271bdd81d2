"""What is built, and who owns it: teams, repos, builds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from odmd.errors import Place, SourceUnclear
from odmd.model.checked import Checked
from odmd.model.place import caller


@dataclass(frozen=True, slots=True)
class Team(Checked):
    """People who own repos and answer for what runs from them; `contacts` are where to reach them."""

    name: str
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Repo(Checked):
    """A git repository, `owner/name`, and the team that owns it.

    `ids` are GitHub's own of owner and repository, `("101", "202")`: they stay when names change hands, and jobs of
    newer repositories say them, too. Only where roles trust jobs of GitHub they are needed.
    """

    name: str
    team: Team
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Installed(Checked):
    """A Python package that is installed beside `odmd`, and the team that answers for what runs from it: its version
    stands where the commit of a repository stands."""

    package: str
    team: Team

    @property
    def name(self) -> str:
        """What it is called by, as repositories are."""
        return self.package

    @property
    def ids(self) -> tuple[str, ...]:
        """GitHub's, of which a package has none."""
        return ()


@dataclass(frozen=True, slots=True)
class Permission(Checked):
    """What a build needs in AWS besides what its products and wires say: a service (`"rds"`), or actions of one.

    `on` is an ARN, with `*` where it varies; not said: what of the service is its own, or has no name.
    """

    action: str
    on: str = ""
    place: Place = field(default_factory=caller, init=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Actions(Checked):
    """Runs are carried out by jobs of GitHub Actions, in the workflow that `odmd github workflows` writes.

    `branch` is the repository's default one, where that workflow stands; `runner` is what jobs run on.
    """

    branch: str = "main"
    runner: str = "ubuntu-24.04"


@dataclass(frozen=True, slots=True)
class PullRequests(Checked):
    """Pull requests on a build's repository get clones of it, and nobody has to say yes: those whose label or commit
    asks for them, or `every` one.

    With `consumers`, all that consume of it are cloned, too. `ttl` is how long clones stay after they were used last.
    """

    every: bool = False
    consumers: bool = False
    ttl: timedelta = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Build(Checked):
    """One way to turn one repo, or one folder of it, into something that runs; or an installed package, its `source`.

    `documents` are files beside the contracts that say more of it, by path from the declaring file. `also` are further
    paths of the repository that it reads, such as a library beside it: what changes below neither these nor its folder
    is no change to it. `may` is what its roles may do, where accounts are bootstrapped with roles. `runs_on` says who
    carries out its runs: the server's workers, or `Actions()`. `clones` says which pull requests at GitHub get clones
    by themselves; else people ask for them.
    """

    name: str
    repo: Repo | None = None
    folder: str = "."
    documents: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    may: tuple[Permission, ...] = ()
    runs_on: Actions | None = None
    clones: PullRequests | None = None
    source: Installed | None = None
    place: Place = field(default_factory=caller, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        super(Build, self).__post_init__()
        if (self.repo is None) == (self.source is None):
            raise self._unclear()

    @property
    def made_of(self) -> Repo | Installed:
        """Its repository, or its package."""
        if self.source is not None:
            return self.source
        if self.repo is None:
            raise self._unclear()
        return self.repo

    def _unclear(self) -> SourceUnclear:
        has = "both a repo and" if self.repo else "neither a repo nor"
        return SourceUnclear(
            f"build {self.name} has {has} a source",
            place=caller(),
            next_step='write Build(name, Repo("owner/name", team)) or Build(name, source=Installed("package", team))',
        )
