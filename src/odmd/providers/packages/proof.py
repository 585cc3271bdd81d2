"""That a Python package which a run consumes is there, and can be read from where runs are carried out."""

from __future__ import annotations

from packaging.version import InvalidVersion, Version

from odmd.errors import ArtifactMissing
from odmd.graph import WireEdge
from odmd.graph.built import PackageNode


class PythonProof:
    """Asks the index of its producer."""

    def prove(self, text: str, wire: WireEdge) -> None:
        """Raises:
        ArtifactMissing, IndexUnreachable, SettingsInvalid
        """
        if not wire.registry:
            return
        from odmd.providers.packages.index import Index

        name, _, version = text.partition("==")
        releases = Index(PackageNode(name, "", wire.registry, wire.registry)).releases()
        if _version(version) not in {one.version for one in releases}:
            raise ArtifactMissing.of_package(text, wire.name, wire.registry)


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
