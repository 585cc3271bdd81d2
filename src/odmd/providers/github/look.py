"""How we stand at GitHub: what the App may, where it is installed, and which repositories it reaches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from odmd.errors import HostLacks, HostUnknown
from odmd.providers.github.app import EVENTS, GithubApp, beyond, lacking
from odmd.providers.github.budget import Priority
from odmd.providers.github.client import Github, in_path
from odmd.providers.github.grants import AppGrant
from odmd.providers.github.models import AboutApp, GithubRepository, Installation


@dataclass(frozen=True, slots=True)
class GithubStanding:
    """What was found."""

    app: str
    owner: str
    page: str
    installation: int
    lacking: Mapping[str, str]
    """Rights without which something does not work."""
    beyond: Mapping[str, str]
    """Rights that nothing needs."""
    deaf: Sequence[str]
    """Events that it is not told of, where it is told any."""
    repositories: Sequence[str]
    """Those that it reaches."""
    unreached: Sequence[str]
    """Of the contracts' repositories of this owner, those that it does not reach."""
    elsewhere: Sequence[str]
    """Those of other owners: an App is one organisation's."""
    archived: Sequence[str]
    """Those that it reaches and that can only be read: nothing is shown there any more."""
    made_anew: Mapping[str, int] = field(default_factory=dict[str, int])
    """Those whose name is another repository's by now, which is not taken for it; with its number."""

    @property
    def is_good(self) -> bool:
        return not (self.lacking or self.deaf or self.unreached or self.made_anew)


def installation_of(client: Github) -> Installation:
    """That of the organisation that the App belongs to.

    Raises:
        HostUnknown: it is not installed, or suspended.
        HostUnreachable, HostBusy, HostRefused
    """
    app = client.app
    found: Installation | None = None
    with suppress(HostLacks):
        client.get(None, "/app", AboutApp)
        with suppress(HostLacks):
            found = client.get(None, f"/orgs/{in_path(app.owner)}/installation", Installation)
        if found is None:
            raise HostUnknown(
                f"{app.slug} is not installed in {app.owner}", next_step=f"install it: {app.install_page}"
            )
    if found is None:
        raise HostUnknown(f"GitHub has no App {app.slug} any more", next_step="`odmd github setup` makes another one")
    if found.suspended_at is not None:
        raise HostUnknown(f"{app.slug} is suspended in {app.owner}", next_step=f"see {found.html_url or app.page}")
    return found


def reached(client: Github, installation: Installation) -> Sequence[GithubRepository]:
    """All repositories that it reaches."""
    grant = AppGrant(installation.id, (), (("metadata", "read"),))
    path = "/installation/repositories"
    return list(client.every(grant, path, GithubRepository, Priority.SWEEP, key="repositories"))


def standing(client: Github, declared: Collection[str]) -> GithubStanding:
    """Raises:
    HostUnknown, HostUnreachable, HostBusy, HostRefused
    """
    installation = installation_of(client)
    there = reached(client, installation)
    repositories = [one.full_name for one in there]
    app, known = client.app, {one.lower() for one in repositories}
    frozen = {one.full_name.lower() for one in there if one.archived}
    theirs = [one for one in sorted(declared) if one.lower().startswith(f"{app.owner.lower()}/")]
    others = [one for one in sorted(declared) if one not in theirs]
    return GithubStanding(
        app.slug,
        app.owner,
        app.page,
        installation.id,
        lacking(installation.permissions),
        beyond(installation.permissions),
        [one for one in EVENTS if one not in installation.events] if app.hears else (),
        repositories,
        [one for one in theirs if one.lower() not in known],
        others,
        [one for one in theirs if one.lower() in frozen],
    )


def said_of(app: GithubApp) -> str:
    """The App in words, for the log."""
    return f"App {app.id} {app.slug} of {app.owner} at {app.api}"
