"""The ECR repository of a build: made, kept as it should be, and cleared of what nobody needs."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from odmd.control.running.proposal import Look
from odmd.errors import RepositoryOfAnother
from odmd.model import naming
from odmd.model.targets import Target
from odmd.providers.images.address import PushRight, RepositoryAddress
from odmd.providers.images.policy import (
    LIFECYCLE,
    Pullers,
    is_same_document,
    says_the_same,
    statements,
    with_statements,
)
from odmd.providers.images.ports import ImageCloud

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecr.type_defs import ImageDetailTypeDef, ImageIdentifierTypeDef, RepositoryTypeDef

BUILD_TAG: Final = "odmd:build"
STATE_TAG: Final = "odmd:state"
TEAM_TAG: Final = "odmd:team"
_UNIT: Final = "repository "
_NO_TAG: Final = re.compile(r"[^A-Za-z0-9_.-]")
_TRIES: Final = 5
"""Envers of a build share a policy, and ECR has no condition for its writers."""
_AT_ONCE: Final = 100
"""Images of one request."""


@dataclass(frozen=True, slots=True)
class FoundRepository:
    """A repository as it is."""

    uri: str
    arn: str
    immutable: bool
    scans: bool
    tags: Mapping[str, str]
    policy: str | None
    lifecycle: str | None

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]


@dataclass(frozen=True, slots=True)
class WantedRepository:
    """A repository as it should be."""

    build: str
    team: str
    state: str
    pullers: Pullers


@dataclass(frozen=True, slots=True)
class Stored:
    """An image that is there."""

    digest: str
    tags: tuple[str, ...]
    scan: str
    """The status of its scan; empty where there is none."""
    findings: Mapping[str, int]
    """How many there are, by severity."""


@dataclass(frozen=True, slots=True)
class Repository:
    """One of an account and region, by the build that it is for."""

    cloud: ImageCloud
    name: str
    target: Target

    def find(self) -> FoundRepository | None:
        """As it is now; None where there is none.

        Raises:
            CloudUnreachable, CloudRefused
        """
        ecr = self._ecr
        with self.cloud.reaching(self.target):
            if (made := self._described(ecr)) is None:
                return None
            arn = made.get("repositoryArn", "")
            tags = ecr.list_tags_for_resource(resourceArn=arn).get("tags", [])
            return FoundRepository(
                made.get("repositoryUri", ""),
                arn,
                made.get("imageTagMutability") == "IMMUTABLE",
                bool(made.get("imageScanningConfiguration", {}).get("scanOnPush")),
                {tag["Key"]: tag["Value"] for tag in tags},
                self._policy(ecr),
                self._lifecycle(ecr),
            )

    def look(self, found: FoundRepository | None, build: str, enver: str) -> Look:
        """Whose it is: every enver of its build takes it for its own."""
        if found is None:
            return Look()
        owner = found.tags.get(BUILD_TAG)
        return Look(
            is_there=True,
            owner=enver if owner == build else owner,
            state=found.tags.get(STATE_TAG),
            id=found.arn,
        )

    def differences(self, found: FoundRepository | None, wanted: WantedRepository) -> Sequence[str]:
        """What has to change, in words; nothing where all is as it should be.

        Raises:
            RepositoryOfAnother
        """
        if found is None:
            return ["is made: tags that never move, scanned when pushed, encrypted", *_words_of_pull(wanted.pullers)]
        self.refuse_another(found, wanted.build)
        said = list[str]()
        if not found.immutable:
            said.append("tags never move any more")
        if not found.scans:
            said.append("images are scanned when pushed")
        if any(found.tags.get(name) != text for name, text in _tags(wanted).items()):
            said.append("carries tags of odmd")
        if not is_same_document(found.lifecycle, LIFECYCLE):
            said.append("untagged images go after 14 days")
        if not says_the_same(found.policy, self._policy_for(found, wanted)):
            said += _words_of_pull(wanted.pullers) or ["nobody else may pull"]
        return said

    def bring_about(self, wanted: WantedRepository) -> FoundRepository:
        """Makes it as it should be; done twice, it changes nothing the second time.

        Raises:
            RepositoryOfAnother, CloudUnreachable, CloudRefused
        """
        ecr = self._ecr
        with self.cloud.reaching(self.target):
            if self._described(ecr) is None:
                self._create(ecr, wanted)
        if (found := self.find()) is None:
            raise RepositoryOfAnother(f"repository {self.name} went away while it was made")
        self.refuse_another(found, wanted.build, adopts=True)
        with self.cloud.reaching(self.target):
            if not found.immutable:
                ecr.put_image_tag_mutability(repositoryName=self.name, imageTagMutability="IMMUTABLE")
            if not found.scans:
                ecr.put_image_scanning_configuration(
                    repositoryName=self.name, imageScanningConfiguration={"scanOnPush": True}
                )
            if lacking := {name: text for name, text in _tags(wanted).items() if found.tags.get(name) != text}:
                tags = [{"Key": name, "Value": text} for name, text in lacking.items()]
                ecr.tag_resource(resourceArn=found.arn, tags=tags)  # pyright: ignore[reportArgumentType]  # they are
            if not is_same_document(found.lifecycle, LIFECYCLE):
                ecr.put_lifecycle_policy(repositoryName=self.name, lifecyclePolicyText=LIFECYCLE)
        self.let_pull(wanted, found)
        return found

    def let_pull(self, wanted: WantedRepository, found: FoundRepository) -> None:
        """Brings an enver's statements into the policy; another enver's run may write to it at the same time."""
        ecr = self._ecr
        for _ in range(_TRIES):
            with self.cloud.reaching(self.target):
                there = self._policy(ecr)
                policy = with_statements(there, wanted.pullers.enver, self._statements(found, wanted))
                if says_the_same(there, policy):
                    return
                self._write(ecr, policy)

    def address(self, found: FoundRepository) -> RepositoryAddress:
        """Where its images are pushed to."""
        host = found.uri.partition("/")[0]
        return RepositoryAddress(self.cloud.on_this_machine(self.target) or f"https://{host}", host, self.name)

    def sign_in(self) -> PushRight:
        """A right of some hours.

        Raises:
            CloudUnreachable, CloudRefused
        """
        with self.cloud.reaching(self.target):
            token = self._ecr.get_authorization_token()["authorizationData"][0].get("authorizationToken", "")
        user, _, password = base64.b64decode(token).decode().partition(":")
        return PushRight(user, password)

    def stored(self, digest: str) -> Stored | None:
        """One image, if it is there."""
        ecr = self._ecr
        with self.cloud.reaching(self.target):
            try:
                said = ecr.describe_images(repositoryName=self.name, imageIds=[{"imageDigest": digest}])
            except (ecr.exceptions.ImageNotFoundException, ecr.exceptions.RepositoryNotFoundException):
                return None
            return next((_stored(one) for one in said.get("imageDetails", [])), None)

    def all(self) -> Iterator[Stored]:
        """All images that are there."""
        ecr = self._ecr
        with self.cloud.reaching(self.target):
            try:
                pages = ecr.get_paginator("describe_images").paginate(repositoryName=self.name)
                found = [_stored(one) for page in pages for one in page.get("imageDetails", [])]
            except ecr.exceptions.RepositoryNotFoundException:
                found = []
        yield from found

    def forget(self, images: Sequence[Stored], prefix: str) -> None:
        """Takes away the tags that begin so, and with its last tag an image."""
        ids = list["ImageIdentifierTypeDef"]()
        for image in images:
            own = [tag for tag in image.tags if tag.startswith(prefix)]
            whole = len(own) == len(image.tags)
            if own and whole:
                ids.append({"imageDigest": image.digest})
            else:
                ids += [_by_tag(tag) for tag in own]
        ecr = self._ecr
        with self.cloud.reaching(self.target):
            for first in range(0, len(ids), _AT_ONCE):
                ecr.batch_delete_image(repositoryName=self.name, imageIds=ids[first : first + _AT_ONCE])

    def remove_if_empty(self, found: FoundRepository, enver: str) -> bool:
        """Takes an enver's pull rights out, and the repository away where no image is left in it."""
        ecr = self._ecr
        with self.cloud.reaching(self.target):
            policy = with_statements(found.policy, enver, [])
            if not says_the_same(found.policy, policy):
                self._write(ecr, policy)
            try:
                ecr.delete_repository(repositoryName=self.name)
            except ecr.exceptions.RepositoryNotEmptyException:
                return False
            except ecr.exceptions.RepositoryNotFoundException:
                return True
        return True

    def refuse_another(self, found: FoundRepository, build: str, *, adopts: bool = False) -> None:
        """Raises:
        RepositoryOfAnother: it is another build's.
        """
        owner = found.tags.get(BUILD_TAG)
        if owner != build and not (adopts and owner is None):
            raise RepositoryOfAnother(
                f"repository {self.name} in {self.target.account}, {self.target.region} "
                f"{f'is of build {owner}' if owner else 'was not made by odmd'}",
                next_step="give the build another name, or move what is there",
            )

    @property
    def _ecr(self) -> ECRClient:
        return self.cloud.ecr(self.target)

    def _described(self, ecr: ECRClient) -> RepositoryTypeDef | None:
        try:
            return ecr.describe_repositories(repositoryNames=[self.name])["repositories"][0]
        except ecr.exceptions.RepositoryNotFoundException:
            return None

    def _create(self, ecr: ECRClient, wanted: WantedRepository) -> None:
        tags = [{"Key": name, "Value": text} for name, text in _tags(wanted).items()]
        try:
            ecr.create_repository(
                repositoryName=self.name,
                tags=tags,  # pyright: ignore[reportArgumentType]  # they are
                imageTagMutability="IMMUTABLE",
                imageScanningConfiguration={"scanOnPush": True},
                encryptionConfiguration={"encryptionType": "AES256"},
            )
        except ecr.exceptions.RepositoryAlreadyExistsException:
            return  # another enver of the build was first

    def _policy(self, ecr: ECRClient) -> str | None:
        try:
            return ecr.get_repository_policy(repositoryName=self.name)["policyText"]
        except ecr.exceptions.RepositoryPolicyNotFoundException:
            return None

    def _lifecycle(self, ecr: ECRClient) -> str | None:
        try:
            return ecr.get_lifecycle_policy(repositoryName=self.name)["lifecyclePolicyText"]
        except ecr.exceptions.LifecyclePolicyNotFoundException:
            return None

    def _write(self, ecr: ECRClient, policy: str | None) -> None:
        if policy is not None:
            ecr.set_repository_policy(repositoryName=self.name, policyText=policy)
            return
        try:
            ecr.delete_repository_policy(repositoryName=self.name)
        except ecr.exceptions.RepositoryPolicyNotFoundException:
            return

    def _policy_for(self, found: FoundRepository, wanted: WantedRepository) -> str | None:
        return with_statements(found.policy, wanted.pullers.enver, self._statements(found, wanted))

    def _statements(self, found: FoundRepository, wanted: WantedRepository) -> Sequence[Mapping[str, object]]:
        return statements(wanted.pullers, self.target.account, found.partition)


def tag_of(slot: str, product: str, commit: str, digest: str) -> str:
    """The tag of what an enver publishes: slot, product, commit, and the content, so that it never moves."""
    return f"{tags_begin(slot, product)}{commit[:12]}-{digest.removeprefix('sha256:')[:12]}"


def unit_of(repository: str) -> str:
    """What the unit of a repository is called."""
    return f"{_UNIT}{repository}"


def repository_in(unit: str) -> str:
    """The repository that a unit is; empty where it is an image."""
    return unit.removeprefix(_UNIT) if unit.startswith(_UNIT) else ""


def tags_begin(slot: str, product: str = "") -> str:
    """What the tags of an enver begin with, or of one of its products; those of no other one do."""
    return f"{_whole(naming.short_slot(slot), 40)}.{f'{_whole(product, 40)}.' if product else ''}"


def _whole(name: str, longest: int) -> str:
    """A name without dots, so that no name goes on as another one's."""
    plain = _NO_TAG.sub("_", name).replace(".", "_").lstrip("-")
    if plain == name and len(plain) <= longest:
        return plain
    return f"{plain[: longest - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _tags(wanted: WantedRepository) -> Mapping[str, str]:
    return {BUILD_TAG: wanted.build, TEAM_TAG: wanted.team, STATE_TAG: wanted.state}


def _words_of_pull(pullers: Pullers) -> list[str]:
    who = sorted({account for account, _ in pullers.places} | set(pullers.roles))
    return [f"{', '.join(who)} may pull"] if who else []


def _by_tag(tag: str) -> ImageIdentifierTypeDef:
    return {"imageTag": tag}


def _stored(one: ImageDetailTypeDef) -> Stored:
    found = one.get("imageScanFindingsSummary", {}).get("findingSeverityCounts", {})
    return Stored(
        one.get("imageDigest", ""),
        tuple(one.get("imageTags", [])),
        one.get("imageScanStatus", {}).get("status", ""),
        {str(name): count for name, count in found.items()},
    )
