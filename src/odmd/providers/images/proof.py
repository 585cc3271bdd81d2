"""That an image in ECR which a run consumes is there, before anything moves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from odmd.control.running.place import Target
from odmd.errors import ArtifactMissing, CloudRefused
from odmd.graph import WireEdge
from odmd.providers.images.content import INDEXES, MANIFESTS
from odmd.providers.images.ports import ImageCloud

_IN_ECR: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/"
    r"(?P<name>[^:@]+)(:[^@]+)?@(?P<digest>sha256:[0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class ImageProof:
    """Asks the registry by the image's own address. Who runs it may do so by rights that a run does not have: where
    this one is refused, nobody can know."""

    cloud: ImageCloud

    def prove(self, text: str, wire: WireEdge) -> None:
        """Raises:
        ArtifactMissing, CloudUnreachable
        """
        if (said := _IN_ECR.fullmatch(text)) is None:
            return
        target = Target(said["account"], said["region"])
        try:
            there = self._is_there(target, said["name"], said["digest"])
        except CloudRefused:
            return
        if not there:
            raise ArtifactMissing(
                f"`{wire.name}` is image {text}, and it is not there",
                next_step="see who removes images there; the next run of its producer pushes it again",
            )

    def _is_there(self, target: Target, name: str, digest: str) -> bool:
        ecr = self.cloud.ecr(target)
        with self.cloud.reaching(target):
            try:
                found = ecr.batch_get_image(
                    registryId=target.account,
                    repositoryName=name,
                    imageIds=[{"imageDigest": digest}],
                    acceptedMediaTypes=[*MANIFESTS, *INDEXES],
                )
            except ecr.exceptions.RepositoryNotFoundException:
                return False
            return bool(found.get("images"))
