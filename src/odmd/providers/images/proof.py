"""That an image in ECR which a run consumes is there, and that the account which runs it may pull it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from odmd.control.running.needs import ArtifactNeeded, Finding, Proven, Unknown
from odmd.errors import ArtifactMissing, CloudRefused, RightLacking
from odmd.model import naming
from odmd.model.targets import Target
from odmd.providers.images.content import INDEXES, MANIFESTS
from odmd.providers.images.policy import lets_pull
from odmd.providers.images.ports import ImageCloud

_IN_ECR: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/"
    r"(?P<name>[^:@]+)(:[^@]+)?@(?P<digest>sha256:[0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class ImageProof:
    """Asks the registry by the image's own address. Who runs it does so by other rights than those of a run: another
    account's are said by the policy of the repository."""

    cloud: ImageCloud

    def prove(self, need: ArtifactNeeded) -> Finding:
        """Raises:
        ArtifactMissing, RightLacking, CloudUnreachable
        """
        text, wire = need.text, need.wire
        if (said := _IN_ECR.fullmatch(text)) is None:
            return Unknown("it is in no registry of ECR")
        target, name = Target(said["account"], said["region"]), said["name"]
        try:
            there = self._is_there(target, name, said["digest"])
        except CloudRefused as refused:
            return Unknown(refused.fact, refused.next_step)
        if not there:
            raise ArtifactMissing(
                f"`{wire.name}` is image {text}, and it is not there",
                next_step="see who removes images there; the next run of its producer pushes it again",
            )
        if target.account == need.reader.account:
            return Proven(f"is there, with the credentials of {target.account}")
        return self._read_by(need, target, name)

    def _read_by(self, need: ArtifactNeeded, target: Target, name: str) -> Finding:
        reader, producer = need.reader.account, naming.enver_label(need.wire.producer)
        try:
            policy = self._policy(target, name)
        except CloudRefused as refused:
            return Unknown(f"is there; whether account {reader} may pull it: {refused.fact}", refused.next_step)
        if not lets_pull(policy, reader):
            raise RightLacking(
                f"`{need.wire.name}` is image {need.text}, and the policy of repository {name} does not let account "
                f"{reader} pull it",
                next_step=f"the next run of {producer} writes that policy: `odmd apply`; see who changed it",
            )
        return Proven(f"is there, and the policy of its repository lets account {reader} pull it")

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

    def _policy(self, target: Target, name: str) -> str | None:
        ecr = self.cloud.ecr(target)
        with self.cloud.reaching(target):
            try:
                return ecr.get_repository_policy(registryId=target.account, repositoryName=name).get("policyText")
            except ecr.exceptions.RepositoryPolicyNotFoundException:
                return None
