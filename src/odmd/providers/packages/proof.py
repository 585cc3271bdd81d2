"""That a Python package which a run consumes is there, and can be read from where runs are carried out."""

from __future__ import annotations

from packaging.version import InvalidVersion, Version

from odmd.control.running.needs import ArtifactNeeded, Finding, Proven, Unknown
from odmd.errors import ArtifactMissing
from odmd.graph.built import PackageNode


class PythonProof:
    """Asks the index of its producer."""

    def prove(self, need: ArtifactNeeded) -> Finding:
        """Raises:
        ArtifactMissing, IndexUnreachable, SettingsInvalid
        """
        wire = need.wire
        if not wire.registry:
            return Unknown("its producer names no index")
        from odmd.providers.packages.index import Index

        name, _, version = need.text.partition("==")
        releases = Index(PackageNode(name, "", wire.registry, wire.registry)).releases()
        if _version(version) not in {one.version for one in releases}:
            raise ArtifactMissing.of_package(need.text, wire.name, wire.registry)
        return Proven("is there, for who carries out runs")


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
