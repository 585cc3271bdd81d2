"""Image builds as one machine carries them out: a repository of source, a builder, an AWS, and a shelf."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pytest

from odmd.agent.mask import Mask
from odmd.control.running.place import Workplace
from odmd.control.running.procedures import Job
from odmd.control.running.proposal import Proposal
from odmd.graph import EnverNode, ProductNode
from odmd.graph.built import ImageNode, ImagesNode
from odmd.graph.nodes import Consumer
from odmd.isolation import Isolation
from odmd.model.build_types import IMAGE
from odmd.private import private_folder
from odmd.providers.cage import find_cage
from odmd.providers.git.fake import FakeRepositories
from odmd.providers.images import Building, ImageProcedure
from odmd.providers.images.builders import Buildah, ImageBuilder
from odmd.providers.images.ports import ImageCloud
from odmd.providers.images.procedure import Images
from odmd.providers.images.shelf import ImageShelf
from odmd.providers.leash import USUAL, ProgramLimits
from support.jobs import job as a_job
from support.worlds import node

KIND = "odmd.model.kinds:Image"
PLAIN = {"Dockerfile": "FROM scratch\nCOPY app /app\n", "app": "tea\n"}
needs_buildah = pytest.mark.skipif(
    shutil.which("buildah") is None, reason="buildah is not installed, which builds images: apt-get install buildah"
)


BuiltProduct = tuple[ProductNode, ImageNode]


def image(name: str, enver: str, *told: Consumer, source: str = "", how: ImageNode | None = None) -> BuiltProduct:
    return ProductNode(f"{enver}/{name}", name, KIND, source=source, told=told), how or ImageNode()


def enver(account: str, *images: BuiltProduct, slot: str = "b..main", **more: object) -> EnverNode:
    address = f"tea-image/{slot}"
    own = images or (image("app", address),)
    made = node(0, products=tuple(product for product, _ in own))
    built = ImagesNode(5, network=False, images=tuple((product.name, how) for product, how in own))
    return replace(
        made, address=address, build="tea-image", slot=slot, repo="acme/tea", build_type=IMAGE.name, account=account,
        built=built, **more,
    )  # fmt: skip


@cache
def _rootfs(folder: Path) -> Path:
    """A shell and what it needs, from this machine: no image is fetched."""
    for program in ("sh", "sleep", "cat"):
        found = Path(shutil.which(program) or f"/bin/{program}").resolve()
        listed = subprocess.run(["ldd", found], capture_output=True, text=True, check=True).stdout
        libraries = [word for word in listed.split() if word.startswith("/")]
        for name, of in ((f"/bin/{program}", found), *((one, Path(one)) for one in libraries)):
            place = folder / name.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(of, place)
    return folder


@dataclass
class Kitchen:
    """One machine, and what it says."""

    folder: Path
    cloud: ImageCloud
    enver: EnverNode
    builder: ImageBuilder = field(default_factory=Buildah)
    limits: ProgramLimits = USUAL
    secrets: Mapping[str, str] = field(default_factory=dict)
    roots: bool = False
    """Whether a checkout has a `root` with a shell in it."""
    said: list[str] = field(default_factory=list)
    asked: int = 0
    """How often for a builder."""

    def __post_init__(self) -> None:
        self.repositories = FakeRepositories()
        self.commit, self.runs, self.kept = "", 0, None
        self.shelf = ImageShelf(self.folder / "images")
        cage = find_cage(Isolation.PREFERRED)
        self.procedure = ImageProcedure(
            Building(
                self._builder,
                self.shelf,
                lambda secrets: Mask(secrets).stream(),
                lambda name, _: self.secrets[name],
                lambda: cage,
                self.limits,
            ),
            self.cloud,
        )

    def _builder(self) -> ImageBuilder:
        self.asked += 1
        return self.builder

    def commits(self, files: Mapping[str, str]) -> Kitchen:
        self.commit = self.repositories.commit(self.enver.repo, "main", files)
        return self

    def job(self, texts: Mapping[str, str] | None = None, *, content: bool = True) -> Job:
        self.runs += 1
        place, kept = Workplace(private_folder(self.folder / "runs" / str(self.runs) / "1")), self.kept
        commit, paths = self.commit, self.enver.reads
        made = a_job(place, self.enver, commit=commit, run=self.runs, said=self.said, checkout=self._checkout(place))
        known = self.repositories.content(self.enver.repo, commit, paths) if content else ""
        return replace(made, texts=texts or {}, content=known, previous=lambda: kept)

    def _checkout(self, place: Workplace) -> Callable[[], None]:
        commit = self.commit

        def checkout() -> None:
            self.repositories.checkout(self.enver.repo, commit, place.source)
            if self.roots:
                shutil.copytree(_rootfs(self.folder / "rootfs"), place.source / "root")

        return checkout

    def prepared(self, job: Job) -> Images:
        """What a run comes to before anything moves."""
        self.procedure.preflight(job)
        self.kept = self.procedure.prepare(job)
        work = self.procedure.open(self.kept, job)
        work.prove()
        work.deliver()
        return work

    def run(self, texts: Mapping[str, str] | None = None) -> tuple[Sequence[Proposal], Mapping[str, str]]:
        """A run that goes well: what it proposed, and what it gives to others."""
        return finished(self.prepared(self.job(texts)))

    @property
    def log(self) -> str:
        return "\n".join(self.said)


def finished(work: Images) -> tuple[Sequence[Proposal], Mapping[str, str]]:
    proposals, texts = list[Proposal](), dict[str, str]()
    for unit in work.units:
        work.look(unit)
        proposals.append(work.propose(unit, continued=False))
        carried_out = work.carry_out(proposals[-1])
        work.settle(unit)
        texts |= work.observe(unit, json.loads(json.dumps(carried_out))).texts
    return proposals, texts
