"""What builds images on a machine is what is there; where nothing is, it is said what to install."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from odmd.errors import ToolMissing
from odmd.model.build_types import BuilderName
from odmd.providers.aws import AwsImageCloud, Emulator
from odmd.providers.images.builders import Buildah, Buildx, find_builder
from support.images import PLAIN, Kitchen, enver

DOCKER = f"""#!{sys.executable}
import hashlib, json, pathlib, sys
words = sys.argv[1:]
if words[:2] == ["buildx", "inspect"]:
    print("Name: here\\nDriver: DRIVER")
    sys.exit(0)
assert words[:2] == ["buildx", "build"], words
out = next(word for word in words if word.startswith("type=oci"))
folder = pathlib.Path(dict(pair.split("=", 1) for pair in out.split(","))["dest"])
(folder / "blobs" / "sha256").mkdir(parents=True)
def blob(content, kind):
    digest = hashlib.sha256(content).hexdigest()
    (folder / "blobs" / "sha256" / digest).write_bytes(content)
    return {{"digest": "sha256:" + digest, "mediaType": kind, "size": len(content)}}
layer = (pathlib.Path(words[-1]) / "app").read_bytes()
manifest = {{"schemaVersion": 2, "config": blob(b"{{}}", "application/vnd.oci.image.config.v1+json"),
            "layers": [blob(layer, "application/vnd.oci.image.layer.v1.tar")]}}
top = blob(json.dumps(manifest).encode(), "application/vnd.oci.image.manifest.v1+json")
(folder / "index.json").write_text(json.dumps({{"manifests": [top]}}))
print("built with", json.dumps(words))
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH."""
    made = tmp_path / "programs"
    made.mkdir()
    monkeypatch.setenv("PATH", str(made))
    return made


def put(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


def test_where_nothing_builds_it_is_said_what_to_install(programs: Path) -> None:
    with pytest.raises(ToolMissing) as missing:
        find_builder()
    assert "no buildah" in missing.value.fact
    assert "no docker" in missing.value.fact
    assert "apt-get install buildah" in missing.value.next_step


def test_buildah_comes_first_unless_the_settings_say_otherwise(programs: Path) -> None:
    put(programs, "buildah", "#!/bin/sh\n")
    put(programs, "docker", DOCKER.replace("DRIVER", "docker-container"))
    assert isinstance(find_builder(), Buildah)
    assert isinstance(find_builder(BuilderName.BUILDX), Buildx)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (DOCKER.replace("DRIVER", "docker"), "docker buildx create --use"),
        ("#!/bin/sh\necho \"docker: 'buildx' is not a docker command\" >&2\nexit 1\n", "is not a docker command"),
        ("#!/no/such/program\n", "docker does not answer"),
    ],
    ids=["the daemon's own", "no buildx", "broken"],
)
def test_a_docker_that_cannot_do_it_says_why(programs: Path, script: str, why: str) -> None:
    put(programs, "docker", script)
    with pytest.raises(ToolMissing) as missing:
        find_builder()
    assert why in f"{missing.value.fact} {missing.value.next_step}"


def test_what_buildx_wrote_is_pushed_and_published(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "docker", DOCKER)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    cloud = AwsImageCloud(emulator.sessions())
    kitchen = Kitchen(tmp_path / "kitchen", cloud, enver("220000000001"), Buildx(str(tmp_path / "docker")))
    _, texts = kitchen.commits(PLAIN).run()
    assert "@sha256:" in texts["app"]
    (line,) = [line for line in kitchen.said if "built with" in line]
    words = json.loads(line.partition("built with")[2])
    assert words[-1] == str(kitchen.folder / "runs" / "1" / "1" / "source")
