"""Which tests one process runs: those of a file, and those of a folder that start something costly for all of them."""

from __future__ import annotations

from typing import Final

from xdist.scheduler import LoadFileScheduling

_FOLDERS: Final = (
    "tests/integration/cdk/",  # jsii and its Node: five seconds of processor time
    "tests/integration/providers/kubernetes/",  # a cluster, which is never idle
)


class ByFileOrFolder(LoadFileScheduling):
    """`--dist loadfile`, with folders."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in _FOLDERS if nodeid.startswith(folder)), super()._split_scope(nodeid))
