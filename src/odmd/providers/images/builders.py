"""What builds images: buildah, which runs caged and needs no daemon, or docker buildx, which asks one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from odmd.errors import ToolMissing
from odmd.model.build_types import BuilderName
from odmd.providers.images.dockerfile import is_pinned
from odmd.trees import remove_tree

_NAME: Final = "localhost/odmd"
"""What an image is called while it is in a builder's own storage."""
_PROBE_SECONDS: Final = 20
FETCHING: Final = "fetching of"
"""What commands are called that fetch a base."""


@dataclass(frozen=True, slots=True)
class Order:
    """One image to be built; all paths are there, and proven to be within the checkout."""

    dockerfile: Path
    context: Path
    target: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict[str, str])
    platforms: Sequence[str] = ()
    secrets: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """Id → a file with the secret."""
    network: bool = False
    bases: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class BuildCommand:
    """One program of a build."""

    what: str
    words: Sequence[str]
    network: bool
    """Whether it has the network."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])


class ImageBuilder(Protocol):
    """Turns an order into an OCI layout; the same order makes the same bytes, as far as its RUN lines do."""

    @property
    def name(self) -> BuilderName: ...

    @property
    def is_caged(self) -> bool:
        """Whether RUN lines run below its own process, so that a cage and limits hold for them."""
        ...

    @property
    def as_root(self) -> Sequence[str]:
        """The program that makes who runs odmd root of a users' namespace with room for many; nothing where he is."""
        ...

    def commands(self, order: Order, storage: Path, layout: Path) -> Sequence[BuildCommand]:
        """To be run one after the other.

        Args:
            storage: the builder's own, kept for the next build of the enver.
            layout: the folder that the image goes to; not there yet.
        """
        ...

    def clear(self, storage: Path) -> None:
        """Takes away what it kept, whoever in there owns what."""
        ...


@dataclass(frozen=True, slots=True)
class Buildah:
    """RUN lines get a root of their own below it (`--isolation chroot`): no daemon, no rights of containers."""

    program: str = "buildah"
    name: BuilderName = BuilderName.BUILDAH
    is_caged: bool = True

    def commands(self, order: Order, storage: Path, layout: Path) -> Sequence[BuildCommand]:
        own = (self.program, "--storage-driver", "vfs", "--root", str(storage / "root"), "--runroot")
        own, variables = (*own, str(storage / "run")), {"TMPDIR": str(storage / "tmp")}
        fetches = [
            BuildCommand(
                f"{FETCHING} {base}", (*own, "pull", "--quiet", "--policy", _policy(base), base), True, variables
            )
            for base in order.bases
        ]
        builds = BuildCommand("build", (*own, *_bud(order)), order.network, variables)
        return *fetches, builds, BuildCommand("writing", (*own, *_to(layout, order)), False, variables)

    @property
    def as_root(self) -> Sequence[str]:
        return () if os.geteuid() == 0 else (self.program, "unshare")

    def clear(self, storage: Path) -> None:
        if self.as_root:  # users of the images own it, whom only their namespace knows
            words = (*self.as_root, "rm", "-rf", "--", str(storage))
            subprocess.run(words, check=False, capture_output=True, stdin=subprocess.DEVNULL)  # noqa: S603
        remove_tree(storage)


def _policy(base: str) -> str:
    """What may have moved is asked for anew."""
    return "missing" if is_pinned(base) else "always"


def _bud(order: Order) -> Sequence[str]:
    """Kept layers are for builds that say no platform: buildah takes one platform's for another's."""
    named = ("--manifest", _NAME) if len(order.platforms) > 1 else ("--tag", _NAME)
    platforms = ("--platform", ",".join(order.platforms)) if order.platforms else ("--layers",)
    return (
        "bud", "--isolation", "chroot", "--timestamp", "0", "--pull-never", "--format", "oci",
        *named, *platforms, *_said(order),
        "--file", str(order.dockerfile), str(order.context),
    )  # fmt: skip


def _to(layout: Path, order: Order) -> Sequence[str]:
    pushes = ("manifest", "push", "--all") if len(order.platforms) > 1 else ("push",)
    return *pushes, "--quiet", _NAME, f"oci:{layout}:image"


def _said(order: Order) -> Sequence[str]:
    """What both builders are told in the same words."""
    said = ["--target", order.target] if order.target else []
    for name, text in order.arguments.items():
        said += ["--build-arg", f"{name}={text}"]
    for name, file in order.secrets.items():
        said += ["--secret", f"id={name},src={file}"]
    return said


@dataclass(frozen=True, slots=True)
class Buildx:
    """BuildKit builds, in a container that docker's daemon made for it."""

    program: str = "docker"
    name: BuilderName = BuilderName.BUILDX
    is_caged: bool = False
    as_root: Sequence[str] = ()

    def commands(self, order: Order, storage: Path, layout: Path) -> Sequence[BuildCommand]:  # noqa: ARG002
        platforms = ("--platform", ",".join(order.platforms)) if order.platforms else ()
        words = (
            self.program, "buildx", "build", "--progress", "plain", "--provenance=false", "--sbom=false", "--pull",
            "--network", "default" if order.network else "none",
            "--output", f"type=oci,dest={layout},tar=false,rewrite-timestamp=true",
            "--build-arg", "SOURCE_DATE_EPOCH=0", *platforms, *_said(order),
            "--file", str(order.dockerfile), str(order.context),
        )  # fmt: skip
        return (BuildCommand("build", words, True),)

    def clear(self, storage: Path) -> None:
        remove_tree(storage)


def find_builder(wanted: BuilderName | None = None) -> ImageBuilder:
    """The one of this machine.

    Raises:
        ToolMissing: with how to get one.
    """
    why_not = list[str]()
    if wanted in (None, BuilderName.BUILDAH):
        if buildah := shutil.which("buildah"):
            return Buildah(buildah)
        why_not.append("there is no buildah on PATH")
    if wanted in (None, BuilderName.BUILDX):
        refusal = _refusal_of_buildx()
        if not refusal:
            return Buildx(shutil.which("docker") or "docker")
        why_not.append(refusal)
    raise ToolMissing(
        f"nothing here builds images: {'; '.join(why_not)}",
        next_step="where runs are carried out, install buildah (`apt-get install buildah`), or docker with buildx and "
        "let it make a builder: `docker buildx create --use`",
    )


def _refusal_of_buildx() -> str:
    """Why docker buildx does not do here; nothing where it does."""
    if (docker := shutil.which("docker")) is None:
        return "there is no docker on PATH"
    try:
        asked = subprocess.run(  # noqa: S603
            (docker, "buildx", "inspect"),
            capture_output=True,
            text=True,
            check=False,
            timeout=_PROBE_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as wrong:
        return f"docker does not answer: {wrong}"
    if asked.returncode:
        return f"docker buildx says {(asked.stderr.strip().splitlines() or ['nothing'])[0]}"
    drivers = [line.partition(":")[2].strip() for line in asked.stdout.splitlines() if line.startswith("Driver:")]
    if drivers == ["docker"]:
        return "docker buildx has no builder but the daemon's own, which writes no OCI layout"
    return ""


def variables_of_docker() -> Mapping[str, str]:
    """What the docker command needs to find its daemon and its builders."""
    kept = ("DOCKER_", "BUILDX_", "BUILDKIT_HOST", "XDG_RUNTIME_DIR", "HOME")
    return {name: text for name, text in os.environ.items() if name.startswith(kept)}
