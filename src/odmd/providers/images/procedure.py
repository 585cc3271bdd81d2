"""The procedure of build type `image`: its recipe are digests; its units the repository, and each image in it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from odmd.control.running.procedures import Job, Observed, Unit
from odmd.control.running.proposal import Look, Proposal, ResourceChange
from odmd.control.running.saying import WAITS, WARNS
from odmd.control.scheduler.values import Resource
from odmd.errors import ImageDiffers, ImageUnfit, PublishedWrong
from odmd.graph import EnverNode
from odmd.model import naming
from odmd.plan.inventory import short_digests
from odmd.providers.images.building import Building
from odmd.providers.images.content import Manifest
from odmd.providers.images.policy import Pullers
from odmd.providers.images.ports import ImageCloud
from odmd.providers.images.recipe import (
    Built,
    built_from_json,
    from_recipe,
    images_of,
    images_with_config,
    key_of,
    known,
    to_recipe,
)
from odmd.providers.images.repository import FoundRepository, Repository, WantedRepository, tag_of, unit_of
from odmd.providers.images.scans import NONE_REFUSED, Threshold

if TYPE_CHECKING:
    from odmd.providers.images.registry import Registry

PROVIDER: Final = "images"
"""Of the resources behind published images."""
IMAGE_TYPE: Final = "AWS::ECR::Image"
_REPOSITORY_TYPE: Final = "AWS::ECR::Repository"
_IMAGE: Final = "image "
_LOOK_SECONDS: Final = 2.0
"""Between two looks at a scan."""
_ROLE: Final = ":role/"


@dataclass(frozen=True, slots=True)
class ImageProcedure:
    """Needs what images are built with, and AWS."""

    building: Building
    cloud: ImageCloud
    threshold: Threshold = NONE_REFUSED

    def preflight(self, job: Job) -> None:
        """Whatever is built for nothing where it fails afterwards: credentials, the repository's owner, the registry.

        Raises:
            ToolMissing, NotCaged, CredentialsRefused, CloudRefused, PushRefused, RepositoryOfAnother
        """
        self.cloud.preflight(job.target)
        repository = repository_of(job.enver, self.cloud)
        found = repository.find()
        if found is not None:
            repository.refuse_another(found, job.enver.build, adopts=True)
        if len(self._known(job)) == len(images_of(job.enver)):
            return  # nothing is built
        self.building.preflight()
        if found is not None:
            with registry(repository, found, job) as there:
                there.prove()
        else:
            repository.sign_in()

    def prepare(self, job: Job) -> bytes:
        """Builds what no earlier run built of the same source.

        Raises:
            ImageUnfit, AppOverLimit, DiskFull, ToolMissing, NotCaged
        """
        built = dict(self._known(job))
        for name, (product, image) in images_with_config(job).items():
            if name in built:
                job.tell(f"{name}: this source was built before, {built[name].blob.digest}", lasting=True)
                continue
            made = self.built(name, job)
            key = key_of(job.content, product, image, job.enver)
            built[name] = Built(key, made.blob, made.size)
            if key:
                self.building.shelf.note(key, built[name].to_json())
        self.building.shelf.prune()
        return to_recipe(job.enver, built)

    def built(self, name: str, job: Job) -> Manifest:
        """Builds one image, in a checkout that is made where this attempt has none."""
        product, image = images_with_config(job)[name]
        job.checked_out()
        return self.building.build(product, image, job)

    def open(self, kept: bytes, job: Job) -> Images:
        return Images(self, job, from_recipe(kept, job.enver))

    def _known(self, job: Job) -> Mapping[str, Built]:
        """What need not be built: the last recipe has it, or another enver's run of this machine built it."""
        keys = {
            name: key_of(job.content, product, image, job.enver)
            for name, (product, image) in images_with_config(job).items()
        }
        before = known(None if job.previous_is_foreign else job.previous(), job.enver)
        found = dict[str, Built]()
        for name, key in keys.items():
            if one := before.get(key) or self._on_shelf(key):
                found[name] = one
        return found

    def _on_shelf(self, key: str) -> Built | None:
        said = self.building.shelf.built(key) if key else None
        one = built_from_json(said) if said else None
        return one if one and one.key == key and self.building.shelf.image(one.blob) else None


class Images:
    """Built images, to be in their repository."""

    lookups: tuple[tuple[str, str], ...] = ()

    def __init__(self, procedure: ImageProcedure, job: Job, built: Mapping[str, Built]) -> None:
        self._procedure, self._job, self._built = procedure, job, built
        self._repository = repository_of(job.enver, procedure.cloud)
        self._wanted = _wanted(job)
        self._as_it_is: FoundRepository | None = None
        """The repository, as somebody looked last."""
        self._products = {_IMAGE + name: name for name in built}
        first = Unit(unit_of(self._repository.name), self._repository.name, job.texts)
        self.units: Sequence[Unit] = [
            first,
            *(Unit(unit, built[one].blob.digest, {}) for unit, one in self._products.items()),
        ]

    def stale(self) -> str:
        """The same images take any pullers."""
        return ""

    def prove(self) -> None:
        """What is pushed was proven when it was built."""

    def deliver(self) -> Mapping[str, object]:
        return {}

    def look(self, unit: Unit) -> Look:
        """Images stand side by side: none is in the way of another."""
        if unit.name in self._products:
            return Look()
        self._as_it_is = self._repository.find()
        return self._repository.look(self._as_it_is, self._job.enver.build, self._job.enver.address)

    def propose(self, unit: Unit, *, continued: bool) -> Proposal:  # noqa: ARG002
        """Raises:
        RepositoryOfAnother, CloudUnreachable, CloudRefused
        """
        if (product := self._products.get(unit.name)) is not None:
            return self._proposed_image(unit, product)
        found = self._as_it_is
        action = "Add" if found is None else "Modify"
        changes = tuple(
            ResourceChange(action, self._repository.name, _REPOSITORY_TYPE, "", said)
            for said in self._repository.differences(found, self._wanted)
        )
        return Proposal(unit.name, "", changes, empty=not changes)

    def carry_out(self, proposal: Proposal) -> Mapping[str, object]:
        """Raises:
        ImageDiffers, ImagesUnreachable, PushRefused, RepositoryOfAnother, CloudRefused, CloudUnreachable
        """
        if (product := self._products.get(proposal.unit)) is None:
            if not proposal.empty:
                self._as_it_is = self._repository.bring_about(self._wanted)
            return {"uri": self._found().uri}
        if not proposal.empty:
            self._push(product)
        return {"uri": self._found().uri, "digest": self._built[product].blob.digest}

    def settle(self, unit: Unit) -> None:
        """Another enver of the build may have written to the policy meanwhile; and an image is as its scan finds it.

        Raises:
            ImageVulnerable
        """
        self._repository.let_pull(self._wanted, self._found())
        if product := self._products.get(unit.name):
            self._judge(product)

    def observe(self, unit: Unit, carried_out: Mapping[str, object]) -> Observed:
        uri, enver = str(carried_out["uri"]), self._job.enver
        if (product := self._products.get(unit.name)) is None:
            return Observed({one.name: uri for one in enver.products if one.is_image_repository}, {})
        digest = str(carried_out["digest"])
        if self._repository.stored(digest) is None:
            raise PublishedWrong(
                f"{uri} does not have {digest} any more", next_step="see who removes images there; `odmd apply` again"
            )
        resource = Resource(
            IMAGE_TYPE, f"{self._repository.name}@{digest}", enver.account, enver.region, provider=PROVIDER
        )
        return Observed({product: f"{uri}@{digest}"}, {product: resource})

    def _proposed_image(self, unit: Unit, product: str) -> Proposal:
        built = self._built[product]
        stored = self._repository.stored(built.blob.digest)
        if stored is not None and self._tag(product) in stored.tags:
            return Proposal(unit.name, built.blob.digest, (), empty=True)
        cause = f"{built.size / 1e6:.1f} MB" if stored is None else f"is there, and is tagged {self._tag(product)}"
        named = f"{self._repository.name}@{built.blob.digest[:19]}"
        change = ResourceChange("Add" if stored is None else "Modify", named, IMAGE_TYPE, "", cause)
        return Proposal(unit.name, built.blob.digest, (change,), empty=False)

    def _push(self, product: str) -> None:
        """From the shelf, unless it is there; what is in neither place is built again, and is the same or fails."""
        built, found = self._built[product], self._found()
        if self._repository.stored(built.blob.digest) is not None:
            with registry(self._repository, found, self._job) as there:
                there.tag(built.blob, [self._tag(product)])
            return
        shelf = self._procedure.building.shelf
        image = shelf.image(built.blob)
        if image is None:
            self._job.tell(f"{product}: its content is not here any more, and is built again", lasting=True)
            image = self._procedure.built(product, self._job)
            if image.blob.digest != built.blob.digest:
                raise ImageDiffers(
                    f"{product} was built as {built.blob.digest}, and of the same source as {image.blob.digest} now",
                    next_step="the next run takes what it builds; docs/guides/images.md says how to repeat a build",
                )
        self._job.tell(short_digests(f"pushes {product} to {found.uri}, {built.blob.digest}"), lasting=True)
        with registry(self._repository, found, self._job) as there:
            sent = there.push(image, shelf.open, [self._tag(product)])
        self._job.tell(f"{found.uri} has it; {sent:,} bytes were sent", lasting=True)

    def _judge(self, product: str) -> None:
        digest = self._built[product].blob.digest
        said = self._procedure.threshold.judged(product, lambda: self._repository.stored(digest), self._waits(product))
        if said:
            self._job.tell(f"{WARNS}{product}: its scan finds {said}", lasting=True)

    def _waits(self, product: str) -> Iterator[float]:
        began = time.monotonic()
        while True:
            self._job.alive(f"{WAITS}the scan of {product} is under way")
            time.sleep(_LOOK_SECONDS)
            yield time.monotonic() - began

    def _tag(self, product: str) -> str:
        return tag_of(self._job.enver.slot, product, self._job.commit, self._built[product].blob.digest)

    def _found(self) -> FoundRepository:
        self._as_it_is = found = self._as_it_is or self._repository.find()
        if found is None:
            raise ImageUnfit(
                f"repository {self._repository.name} is not there any more", next_step="`odmd apply` makes it again"
            )
        return found


def repository_of(enver: EnverNode, cloud: ImageCloud) -> Repository:
    """The one that all envers of its build share in its account and region."""
    return Repository(cloud, naming.repository_name(enver.build), enver.target)


def registry(repository: Repository, found: FoundRepository, job: Job) -> Registry:
    """What speaks for it."""
    from odmd.providers.images.registry import Registry  # with its client of HTTP, which few runs need

    return Registry(repository.address(found), repository.sign_in, job.alive)


def _wanted(job: Job) -> WantedRepository:
    """Who may pull: whoever consumes an image or the repository, and who is handed in as a role."""
    enver = job.enver
    places = {(one.account, one.region) for product in enver.products for one in product.told or ()}
    roles = {text for text in job.texts.values() if text.startswith("arn:") and _ROLE in text}
    return WantedRepository(
        enver.build, enver.team, job.state, Pullers(enver.address, frozenset(places), frozenset(roles))
    )
