"""What one process prepared and another takes over: the same for the same content, and harmless whoever packed it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from odmd.agent.prepared import hand_on, take_over
from odmd.errors import RecipeUnfit


class Kept:
    """Artifacts in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.kept[digest] = content
        return digest

    def get(self, digest: str) -> bytes | None:
        return self.kept.get(digest)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def built(folder: Path, at: float) -> Path:
    (folder / "asset.1").mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    script = folder / "asset.1" / "run.sh"
    script.write_text("true")
    script.chmod(0o755)
    (folder / "asset.1" / "link").symlink_to("run.sh")
    for path in folder.rglob("*"):
        os.utime(path, (at, at), follow_symlinks=False)
    return folder


def test_it_comes_out_as_it_went_in_under_one_digest(tmp_path: Path) -> None:
    kept = Kept()
    first = hand_on("sha256:r", built(tmp_path / "one", 1e9), kept)
    assert hand_on("sha256:r", built(tmp_path / "two", 1.5e9), kept) == first, "dates say nothing"
    (there := tmp_path / "there").mkdir()
    (there / "stale").write_text("of an earlier attempt")
    assert take_over(first, there, kept) == "sha256:r"
    assert files(there) == files(tmp_path / "one")
    assert os.access(there / "asset.1" / "run.sh", os.X_OK)
    (tmp_path / "two" / "manifest.json").write_text("{ }")
    assert hand_on("sha256:r", tmp_path / "two", kept) != first


def test_a_recipe_may_be_all(tmp_path: Path) -> None:
    kept = Kept()
    assert take_over(hand_on("sha256:r", tmp_path / "none", kept), tmp_path / "there", kept) == "sha256:r"
    assert not (tmp_path / "there").exists()


def packed(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, link
        archive.addfile(entry)
    return into.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        packed("../out"),
        packed("link", tarfile.SYMTYPE, "../../out"),
        packed("link", tarfile.LNKTYPE, "../out"),
        packed("device", tarfile.CHRTYPE),
        b"no archive",
    ],
)
def test_what_leads_out_of_its_folder_is_refused(tmp_path: Path, content: bytes) -> None:
    kept = Kept()
    handed = kept.put(json.dumps({"recipe": "sha256:r", "built": kept.put(content)}).encode())
    with pytest.raises(RecipeUnfit):
        take_over(handed, tmp_path / "room" / "there", kept)
    assert not [path for path in tmp_path.rglob("out*") if path.exists()]


@pytest.mark.parametrize("content", [b"{}", b"[]", b"\xff", b'{"recipe": "r", "more": 1}', b"[" * 100_000])
def test_what_nobody_prepared_is_refused(tmp_path: Path, content: bytes) -> None:
    kept = Kept()
    with pytest.raises(RecipeUnfit):
        take_over(kept.put(content), tmp_path / "there", kept)
    with pytest.raises(RecipeUnfit):
        take_over("sha256:unknown", tmp_path / "there", kept)
