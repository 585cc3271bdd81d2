"""Where manifests come from: files, or what a program prints; what is the service's own runs caged."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from odmd.control.running.procedures import Job
from odmd.errors import AppFailed, FileUnfit, ManifestsUnfit, ToolMissing
from odmd.foreign import read_bytes
from odmd.graph.built import KubernetesNode
from odmd.model import naming
from odmd.private import private_file, private_folder
from odmd.providers.environments import AppEnvironment, Environments
from odmd.providers.kubernetes.manifests import Document, documents_of
from odmd.providers.workroom import Workroom, document_of, plain_variables
from odmd.trees import files_below

_SUFFIXES: Final = (".yaml", ".yml", ".json")
_LARGEST: Final = 3_000_000
_MOST_FILES: Final = 2_000
_INTO: Final = "ODMD_MANIFESTS"


@dataclass(frozen=True, slots=True)
class Renderer:
    """What manifests are made with."""

    room: Workroom
    environments: Environments | None = None
    """Without it programs run in ours."""

    def documents(self, job: Job, said: KubernetesNode) -> list[Document]:
        """What the source of one commit says.

        Raises:
            ManifestsUnfit, ToolMissing, AppOverLimit, EnvironmentNotMade, RegistryUnreachable, NotCaged, DiskFull
        """
        source = job.place.source
        folder = source / job.enver.folder
        if not folder.is_dir():
            raise ManifestsUnfit(
                f"{job.enver.repo} has no folder {job.enver.folder} at {naming.short_commit(job.commit)}",
                next_step="let the build's folder in the contracts be one that the repository has",
            )
        if said.made_by == "manifests":
            return list(_of_files(folder / said.of, source))
        printed = self._printed(job, folder, _command(said), said.made_by)
        return list(documents_of(f"what `{said.of}` prints" if said.made_by == "program" else said.of, printed))

    def _printed(self, job: Job, folder: Path, command: str, made_by: str) -> bytes:
        made = private_folder(job.place.root / "manifests")
        into = private_file(made / "printed.yaml")
        job.tell(f"runs {command}", lasting=True)
        with (
            self._environment(folder, job, made_by) as own,
            self.room.open(job, made, (*own.reads, document_of(job)), network=False) as process,
        ):
            try:
                words = ("/bin/sh", "-c", f'exec > "${_INTO}"\n{command}')
                given = {**plain_variables(job, own), **job.read_config, _INTO: str(into.absolute())}
                process.run(f"command `{command}`", words, given)
            except (AppFailed, ToolMissing) as failed:
                raise ManifestsUnfit(
                    f"{job.enver.repo} at {naming.short_commit(job.commit)}, folder {job.enver.folder}: {failed.fact}",
                    next_step=failed.next_step,
                ) from failed
        try:
            return read_bytes(into, within=made, most=_LARGEST)
        except (OSError, FileUnfit) as wrong:
            raise ManifestsUnfit(f"what `{command}` printed cannot be read: {wrong}") from wrong

    def _environment(self, folder: Path, job: Job, made_by: str) -> AbstractContextManager[AppEnvironment]:
        if self.environments is None or made_by != "program":
            return nullcontext(AppEnvironment())
        return self.environments.of(folder, job.place.source, job.place.log, job.tell)


def _of_files(folder: Path, source: Path) -> Iterator[Document]:
    """In the order of their names; what is hidden is left out, and so is what kustomize reads."""
    if not folder.is_dir():
        raise ManifestsUnfit(f"there is no folder {folder.name}", next_step="say where the manifests are: Manifests(…)")
    files = sorted(Path(one.path) for one in files_below(folder) if one.name.endswith(_SUFFIXES))
    files = [one for one in files if not any(part.startswith(".") for part in one.relative_to(folder).parts)]
    if any(one.name.startswith("kustomization.") for one in files):
        raise ManifestsUnfit(
            "a folder with a kustomization is no folder of manifests", next_step="say Kustomize(…) in the contract"
        )
    if len(files) > _MOST_FILES:
        raise ManifestsUnfit(f"{folder.name} has {len(files)} files, and a release has {_MOST_FILES} manifests at most")
    for file in files:
        try:
            content = read_bytes(file, within=source, most=_LARGEST)
        except (OSError, FileUnfit) as wrong:
            raise ManifestsUnfit(f"{file.relative_to(folder)} cannot be read: {wrong}") from wrong
        yield from documents_of(str(file.relative_to(folder)), content)


def _command(said: KubernetesNode) -> str:
    """Raises:
    ToolMissing: what makes manifests of such a source is not installed.
    """
    if said.made_by == "program":
        return said.of
    if said.made_by == "kustomize":
        if shutil.which("kustomize"):
            return shlex.join(["kustomize", "build", said.of])
        if shutil.which("kubectl"):
            return shlex.join(["kubectl", "kustomize", said.of])
        raise _missing("kustomize", "kustomize, or kubectl")
    if not shutil.which("helm"):
        raise _missing("Helm charts", "helm")
    values = [word for file in said.values for word in ("--values", file)]
    return shlex.join(["helm", "template", said.release, said.of, *values])


def _missing(what: str, tool: str) -> ToolMissing:
    return ToolMissing(
        f"manifests come from {what}, and {tool} is not there where the run is carried out",
        next_step=f"install {tool} there, below /usr, or commit what it makes and say Manifests(…)",
    )
