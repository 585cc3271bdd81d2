"""Builds an image of a checkout. Dockerfiles are foreign code: what they run is caged, bounded, heard and masked."""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from odmd.control.running.halting import when_halted
from odmd.control.running.procedures import Job
from odmd.control.running.saying import WARNS, Discreet
from odmd.errors import AppFailed, AppOverLimit, FileUnfit, ImagesUnreachable, ImageUnfit, RunCancelled, ToolMissing
from odmd.foreign import read_text
from odmd.graph import ProductNode
from odmd.graph.built import ImageNode, ImagesNode
from odmd.model import naming
from odmd.private import open_private, private_file, private_folder
from odmd.providers.app_process import AppProcess, Heard
from odmd.providers.cage import UNCAGED, Cage, Placed
from odmd.providers.images.builders import FETCHING, BuildCommand, ImageBuilder, Order, variables_of_docker
from odmd.providers.images.content import Manifest, NoImage
from odmd.providers.images.dockerfile import bases, is_pinned
from odmd.providers.images.shelf import ImageShelf
from odmd.providers.leash import USUAL, ProgramLimits
from odmd.providers.printed import Printed
from odmd.trees import files_below, remove_tree

DOCKERFILE: Final = "Dockerfile"
_HANDED_ON: Final = re.compile(r"LANG|LC_ALL|(HTTP|HTTPS|NO)_PROXY", re.IGNORECASE)
_OF_CONTAINERS: Final = Path("/etc/containers")
_POLICY: Final = "policy.json"
_SETTINGS: Final = (_POLICY, "registries.conf", "registries.conf.d", "certs.d")
_TAKE_ANY: Final = {"default": [{"type": "insecureAcceptAnything"}]}
"""What is believed of base images: what is fetched by a digest is proven by it, and nobody signs the others."""
_MOST_OF_STORAGE: Final = 4
"""One in so many bytes of what a build may have on the disk; beyond, the builder begins anew."""
_LOOK_SECONDS: Final = 0.2
_FOR_GOOD: Final = re.compile(r"manifest unknown|not found|unauthorized|denied|invalid reference|did not resolve")
"""What registries, and builders, say of a base that is not there another time either."""


@dataclass(frozen=True, slots=True)
class _Build:
    """One image that is built."""

    builder: ImageBuilder
    order: Order
    storage: Path
    """What the builder keeps for the next build of the enver."""
    root: Path
    """What is this build's alone."""
    product: ProductNode
    job: Job


@dataclass(frozen=True, slots=True)
class Building:
    """What images are built with."""

    builder: Callable[[], ImageBuilder]
    shelf: ImageShelf
    discreet: Callable[[Mapping[str, str]], Discreet]
    """What lines go through before anybody reads or keeps them; it hides the given secrets besides ours."""
    secret: Callable[[str, Job], str]
    """The text of a build secret, by its reference."""
    cage: Callable[[], Cage] | None = None
    """What keeps builds to what is their own; without it, nothing does."""
    limits: ProgramLimits = USUAL

    def preflight(self) -> None:
        """Proves that there is something that builds, and a cage for it where one is demanded.

        Raises:
            ToolMissing, NotCaged
        """
        self.builder()
        if self.cage is not None:
            self.cage()

    def build(self, product: ProductNode, image: ImageNode, job: Job) -> Manifest:
        """One image of the job's checkout, on the shelf.

        Raises:
            ImageUnfit, AppOverLimit, DiskFull, ToolMissing, NotCaged, CloudRefused, CloudUnreachable
        """
        builder, root = self.builder(), private_folder(job.place.root / "images" / _plain(product.name))
        remove_tree(root)
        private_folder(root)
        texts = {**job.secret_texts, **{name: self.secret(reference, job) for name, reference in image.secrets}}
        try:
            order = _order(product, image, job, _written(texts, root))
            _tell_of_bases(order, job)
            job.tell(f"builds {product.name} of {order.dockerfile.relative_to(job.place.source)}", lasting=True)
            with _alone(self.shelf.storage(job.enver.address), job) as storage:
                self._run(_Build(builder, order, storage, root, product, job), texts)
            return self.shelf.take(root / "layout")
        except NoImage as wrong:
            raise ImageUnfit(
                f"what {builder.name} built of {product.name} is no image: {wrong}", next_step="see the run's log"
            ) from wrong
        finally:
            remove_tree(root)

    def _run(self, build: _Build, texts: Mapping[str, str]) -> None:
        hidden = {f"BUILD_SECRET_{number}": text for number, text in enumerate(texts.values())}
        builder, job = build.builder, build.job
        cage = self.cage() if self.cage and builder.is_caged else UNCAGED
        job.tell(f"{builder.name}; {cage if builder.is_caged else 'its daemon keeps RUN lines apart, not odmd'}")
        ends = time.monotonic() + job.enver.built_as(ImagesNode).minutes * 60
        with self._kept(builder, build.storage), open_private(job.place.log, "a") as log:
            printed = Printed(log, job.tell)
            for command in builder.commands(build.order, build.storage, build.root / "layout"):
                left = max(1, min(self.limits.seconds, round(ends - time.monotonic())))
                process = AppProcess(
                    build.root,
                    job.place.log,
                    lambda: Heard(self.discreet(hidden), printed),
                    _caged(replace(cage, network=command.network), build),
                    replace(self.limits, seconds=left),
                    (build.storage, build.root),
                )
                _run(process, command, build)

    @contextmanager
    def _kept(self, builder: ImageBuilder, storage: Path) -> Generator[None]:
        """What a builder keeps for the next build: anew where one was killed at it, or where it has grown too large."""
        under_way = storage / "under-way"
        held = sum(file.stat(follow_symlinks=False).st_size for file in files_below(storage))
        if under_way.exists() or held > self.limits.disk_mb * 1_000_000 // _MOST_OF_STORAGE:
            builder.clear(storage)
        for name in ("root", "run", "tmp"):
            private_folder(storage / name)
        private_file(under_way)
        try:
            yield
        except ImageUnfit:
            under_way.unlink(missing_ok=True)  # it ended by itself
            raise
        under_way.unlink(missing_ok=True)


def _order(product: ProductNode, image: ImageNode, job: Job, secrets: Mapping[str, Path]) -> Order:
    folder = job.place.source / job.enver.folder
    dockerfile = folder / (product.source or DOCKERFILE)
    context = folder / image.context if image.context else dockerfile.parent
    where = f"{job.enver.repo} at {naming.short_commit(job.commit)}"
    try:
        text = read_text(dockerfile, within=job.place.source, most=1_000_000)
        _refuse_outside(context, job.place.source)
    except (OSError, ValueError, FileUnfit) as wrong:
        said = "it is not there" if isinstance(wrong, FileNotFoundError) else str(wrong)
        raise ImageUnfit(
            f"{where}: {product.name} cannot be built of {(dockerfile.relative_to(job.place.source))}: {said}",
            next_step='say where it is, from the build\'s folder: source=Dockerfile("app/Dockerfile")',
        ) from wrong
    return Order(
        dockerfile.resolve(),
        context.resolve(),
        image.target,
        dict(image.arguments),
        image.platforms,
        secrets,
        job.enver.built_as(ImagesNode).network,
        bases(text, dict(image.arguments)),
    )


def _refuse_outside(context: Path, source: Path) -> None:
    """A link in the context leads a builder nowhere else; the context itself may be one."""
    if not context.is_dir():
        raise FileUnfit(f"its context {context.name} is no folder")
    if not context.resolve().is_relative_to(source.resolve()):
        raise FileUnfit(f"its context {context.name} is a link out of the repository")


def _written(texts: Mapping[str, str], root: Path) -> Mapping[str, Path]:
    """Each in a file of its own, which nobody else on this machine may read."""
    files = {name: private_file(root / f"secret-{number}") for number, name in enumerate(texts)}
    for name, file in files.items():
        file.write_text(texts[name])
    return files


def _tell_of_bases(order: Order, job: Job) -> None:
    for base in order.bases:
        if not is_pinned(base):
            job.tell(f"{WARNS}it begins from {base}, which may move: with @sha256:… the same source is the same image")


@contextmanager
def _alone(storage: Path, job: Job) -> Generator[Path]:
    """One build of an enver at a time: they share what they keep."""
    halted, told = list[bool](), False
    when_halted(lambda: halted.append(True))
    with private_file(storage.with_suffix(".lock")).open("a") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if halted:
                    raise RunCancelled("the run is over") from None
                if not told:
                    job.tell(f"waits for another build of {job.enver.label}")
                told = True
                time.sleep(_LOOK_SECONDS)
        yield private_folder(storage)


def _caged(cage: Cage, build: _Build) -> Callable[[Sequence[str]], Sequence[str]]:
    """Root of a system that has only the checkout, to be read, and what the builder writes."""
    placed = (Placed(Path("/sys")), Placed(Path("/run")), Placed(_OF_CONTAINERS), *_settings(build.root))
    source, written = build.job.place.source, [build.storage, build.root]

    def caged(words: Sequence[str]) -> Sequence[str]:
        if cage.program is None:
            return words
        within = cage.around(words, build.root, [source], written, placed=placed, makes_containers=True)
        return *build.builder.as_root, *within

    return caged


def _settings(root: Path) -> Sequence[Placed]:
    """The machine's own for containers, and a policy where it has none: nothing is fetched without one."""
    found = [Placed(one, one) for name in _SETTINGS if (one := _OF_CONTAINERS / name).exists()]
    if not (_OF_CONTAINERS / _POLICY).exists():
        private_file(root / _POLICY).write_text(json.dumps(_TAKE_ANY))
        found.append(Placed(_OF_CONTAINERS / _POLICY, root / _POLICY))
    return found


def _run(process: AppProcess, command: BuildCommand, build: _Build) -> None:
    handed_on = {name: text for name, text in os.environ.items() if _HANDED_ON.fullmatch(name)}
    if not build.builder.is_caged:
        handed_on |= variables_of_docker()
    variables = {**handed_on, "PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"}
    given = [f"{name}={text}" for name, text in command.variables.items()]
    words = ("env", *given, *command.words) if given else command.words
    try:
        process.run(f"{command.what} of {build.product.name}", words, variables)
    except AppOverLimit as over:
        raise type(over)(
            over.fact, next_step=f"{over.next_step}; how long a build may take is `minutes` in its contract, too"
        ) from over
    except (AppFailed, ToolMissing) as failed:
        if command.what.startswith(FETCHING) and not _FOR_GOOD.search(failed.fact):
            raise ImagesUnreachable(failed.fact, next_step="the next run tries it again") from failed
        enver, commit = build.job.enver, build.job.commit
        has_network = enver.built_as(ImagesNode).network or command.network
        hint = "" if has_network else "; RUN lines have no network unless it says network=True"
        raise ImageUnfit(
            f"{enver.repo} at {naming.short_commit(commit)}: {failed.fact}", next_step=f"{failed.next_step}{hint}"
        ) from failed


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "-", name)
