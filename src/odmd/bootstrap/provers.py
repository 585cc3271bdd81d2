"""Who proves what runs need: the one place where sorts of needs meet what is asked about them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from odmd.control.running.needed import RecipeNeeds
from odmd.control.running.needs import (
    ArtifactNeeded,
    BeyondNeeded,
    BoundSecretNeeded,
    ClusterNeeded,
    ClusterRightNeeded,
    Finding,
    InputNeeded,
    Proven,
    RegistryNeeded,
    RepositoryNameNeeded,
    RunNeed,
    SettingsNeeded,
    SourceNeeded,
    ToolNeeded,
    Unknown,
)
from odmd.model import naming
from odmd.model.build_types import CDK, KUBERNETES, Need
from odmd.model.kinds import Image, Kind, NpmPackage, PythonPackage

if TYPE_CHECKING:
    from odmd.bootstrap.settings import Settings
    from odmd.control.ports.world import Proof
    from odmd.providers.aws import Sessions


class WorldProver:
    """A `Prover` with the rights that the settings give; what it asks with is imported when it is first asked for."""

    def __init__(self, settings: Settings, sessions: Sessions | None = None) -> None:
        self._settings, self._given, self._lock = settings, sessions, threading.Lock()

    @property
    def sessions(self) -> Sessions:
        """With AWS; made once, as that is slow."""
        from odmd.providers.aws import Sessions

        with self._lock:
            self._given = self._given or Sessions(profiles=self._settings.profiles)
            return self._given

    def prove(self, need: RunNeed) -> Finding:
        match need:
            case SourceNeeded():
                return need.found or self._source(need)
            case InputNeeded() | BeyondNeeded() | SettingsNeeded():
                return need.found or Unknown("nothing is recorded of it")
            case BoundSecretNeeded():
                return self._secret(need)
            case ArtifactNeeded():
                return self._artifact(need)
            case ToolNeeded():
                return self._tool(need.tool)
            case RegistryNeeded():
                return _registry(need)
            case ClusterNeeded() | ClusterRightNeeded():
                return self._cluster(need)
            case RepositoryNameNeeded():
                return self._repository_name(need)
            case _:
                from odmd.providers.aws.proofs import AwsProver

                return AwsProver(self.sessions, self._settings.qualifiers).prove(need)

    def _source(self, need: SourceNeeded) -> Finding:
        from odmd.bootstrap.repositories import repositories

        head = repositories(self._settings).head(need.repo, need.revision)
        return Proven(f"is at {naming.short_commit(head)}")

    def _secret(self, need: BoundSecretNeeded) -> Finding:
        from odmd.bootstrap.secret_stores import secret_stores
        from odmd.control.ports.secrets import SecretStanding
        from odmd.errors import SecretMissing

        found = secret_stores(self.sessions).describe(need.reference, need.target)
        if found.standing is not SecretStanding.THERE:
            raise SecretMissing.of(str(need.reference), found.standing, found.why)
        return Proven("is there, by the right of who asks; its text was not read")

    def _artifact(self, need: ArtifactNeeded) -> Finding:
        for kind, proof in self._proofs().items():
            if issubclass(need.kind, kind):
                return proof.prove(need)
        return Unknown(f"nobody knows how to look for a {need.kind.__name__}")

    def _proofs(self) -> Mapping[type[Kind], Proof]:
        """By the kind of what runs consume."""
        from odmd.providers.aws import AwsImageCloud
        from odmd.providers.images import ImageProof
        from odmd.providers.npm import NpmProof
        from odmd.providers.packages.proof import PythonProof

        return {Image: ImageProof(AwsImageCloud(self.sessions)), NpmPackage: NpmProof(), PythonPackage: PythonProof()}

    def _tool(self, tool: Need) -> Finding:
        if tool is Need.NODE:
            from odmd.providers.node import find_node

            return Proven(str(find_node()))
        if tool is Need.BUILDER:
            from odmd.providers.images.builders import find_builder

            builder = find_builder(self._settings.image_builder)
            kept = "RUN lines run caged where apps do" if builder.is_caged else "its daemon keeps RUN lines apart"
            return Proven(f"{builder.name}: {kept}")
        return Unknown(f"nobody knows how to look for {tool.value}")

    def _cluster(self, need: ClusterNeeded | ClusterRightNeeded) -> Finding:
        from odmd.bootstrap.clusters import clusters_of
        from odmd.providers.kubernetes import ClusterProof

        proof = ClusterProof(clusters_of(self._settings, self.sessions))
        return proof.answers(need) if isinstance(need, ClusterNeeded) else proof.may(need)

    def _repository_name(self, need: RepositoryNameNeeded) -> Finding:
        from odmd.providers.aws import AwsImageCloud
        from odmd.providers.images.repository import Repository

        repository = Repository(AwsImageCloud(self.sessions), need.name, need.target)
        if (found := repository.find()) is None:
            return Proven("free")
        repository.refuse_another(found, need.build, adopts=True)
        return Proven("its build's")


def recipe_needs() -> Mapping[str, RecipeNeeds]:
    """By build type, what recipes need; those of other types refer to nothing that is somewhere else."""
    from odmd.providers.aws.recipe_needs import recipe_needs as of_assembly
    from odmd.providers.kubernetes.proof import recipe_needs as of_manifests

    return {CDK.name: of_assembly, KUBERNETES.name: of_manifests}


def _registry(need: RegistryNeeded) -> Finding:
    from odmd.providers.npm.registry_proof import registry_has
    from odmd.providers.packages.registry_proof import index_has, takes

    return takes(need, registry_has(need) if need.is_npm else index_has(need))
