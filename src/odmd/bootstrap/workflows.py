"""Files of workflows in checkouts of the repositories whose builds run on GitHub Actions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from odmd.control.access.addresses import is_safe
from odmd.errors import SettingsInvalid
from odmd.graph import Graph
from odmd.graph.nodes import BuildNode
from odmd.providers.github.wanted_files import ACTION, MARK, WORKFLOWS, WantedFile

if TYPE_CHECKING:
    from odmd.bootstrap.actions_settings import ActionsSettings
    from odmd.providers.github.workflow_pulls import WorkflowPulls

_PACKAGED: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*")
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.:\[\]_/-]+")


@dataclass(frozen=True, slots=True)
class FileFound:
    """How a file in a checkout differs from what the contracts want."""

    path: Path
    what: str
    """missing, differs, or belongs to no build."""
    text: str | None
    """What it is to be; None: it is to go."""


def workflow_files(builds: Iterable[BuildNode], server: str, contracts: str) -> Sequence[WantedFile]:
    """One for each of the builds that runs on Actions, and one of the user's own steps for each repository.

    Raises:
        SettingsInvalid: jobs could not reach the server so.
    """
    from odmd.providers.github.workflow_file import action_of, file_of, workflow_of

    if not (is_safe(server) and _ADDRESS.fullmatch(server)):
        raise SettingsInvalid(
            f"{server or 'nothing'} is no address of a server for jobs of GitHub",
            next_step="give --server https://HOST",
        )
    packaged = contracts if _PACKAGED.fullmatch(contracts) else ""
    found: list[WantedFile] = []
    for build in builds:
        if build.runs_on:
            text = workflow_of(build, build.runs_on, server, packaged)
            found.append(WantedFile(build.repo, file_of(build), text))
    own = [
        WantedFile(name, ACTION, action_of(packaged), is_users=True)
        for name in dict.fromkeys(one.repo for one in found)
    ]
    return [*found, *own]


def builds_of(graph: Graph, repo: str | None = None) -> Sequence[BuildNode]:
    """All of them, or those of one repository."""
    every = (graph.builds[name] for name in sorted(graph.builds))
    return [one for one in every if one.repo in graph.repositories and repo in (None, one.repo)]


class WorkflowHost:
    """A `FileHost`: brings the workflows of builds as the settings want it."""

    def __init__(self, pulls: WorkflowPulls, settings: ActionsSettings, contracts: str) -> None:
        self._pulls, self._settings, self._contracts = pulls, settings, contracts

    def bring(self, repo: str, builds: Sequence[BuildNode]) -> str:
        files = workflow_files(builds, self._settings.server, self._contracts)
        brought = self._pulls.bring(repo, files, commit=self._settings.workflows == "commit")
        return " ".join(filter(None, (brought.how, brought.url)))


def differing(files: Sequence[WantedFile], folder: Path, repo: str | None = None) -> Sequence[FileFound]:
    """What of a folder is not as the contracts want it.

    Args:
        repo: the folder is a checkout of this one; None: it has one for each repository, `owner/name`.

    Raises:
        SettingsInvalid: a file would be outside of the folder.
    """
    return [*_wanted(files, folder, repo), *_left(files, folder, repo)]


def _wanted(files: Sequence[WantedFile], folder: Path, repo: str | None) -> Iterator[FileFound]:
    for one in files:
        path = _checkout(folder, repo, one.repo) / one.path
        if not path.resolve().is_relative_to(folder.resolve()):
            raise SettingsInvalid(f"{path} leads out of {folder}", next_step="remove the link")
        if not path.is_file():
            yield FileFound(path, "missing", one.text)
        elif not one.is_users and path.read_bytes() != one.text.encode():
            yield FileFound(path, "differs", one.text)


def _left(files: Sequence[WantedFile], folder: Path, repo: str | None) -> Iterator[FileFound]:
    """Files of ours for which there is no build."""
    roots = {_checkout(folder, repo, one.repo): None for one in files} | ({folder: None} if repo else {})
    wanted = {_checkout(folder, repo, one.repo) / one.path for one in files}
    for root in roots:
        for path in sorted((root / WORKFLOWS).glob("odmd-*.yaml")):
            if path not in wanted and path.read_bytes().startswith(MARK.encode()):
                yield FileFound(path, "belongs to no build", None)


def bring_about(found: Sequence[FileFound]) -> None:
    """Makes them what they are to be."""
    for one in found:
        if one.text is None:
            one.path.unlink()
        else:
            one.path.parent.mkdir(parents=True, exist_ok=True)
            one.path.write_bytes(one.text.encode())


def _checkout(folder: Path, repo: str | None, of: str) -> Path:
    return folder if repo else folder / of
