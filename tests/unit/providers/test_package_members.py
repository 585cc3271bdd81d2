"""A package that was built with a secret has nothing of it in it, or is not kept."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from odmd.agent.mask import Mask
from odmd.control.running.place import Workplace
from odmd.errors import PackageUnfit, SecretShown
from odmd.providers.packages.members import texts_in
from odmd.providers.packages.workshop import only_file
from support.jobs import job

TEXT = "a-token-for-the-build-alone"
MOST = 10_000
Files = dict[str, bytes]


def zipped(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(files: Files) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
    return out.getvalue()


both = pytest.mark.parametrize("packed", [zipped, tarred])


@both
def test_each_file_is_looked_at(packed: Callable[[Files], bytes]) -> None:
    assert dict(texts_in(packed({"a.js": b"one", "b/c.bin": b"\xfftwo"}), MOST)) == {"a.js": "one", "b/c.bin": "�two"}


@both
def test_what_swells_is_not_read_to_its_end(packed: Callable[[Files], bytes]) -> None:
    with pytest.raises(PackageUnfit, match="more than"):
        list(texts_in(packed({"bomb": b"\0" * 10_000_000}), MOST))


def test_what_is_no_archive_is_said() -> None:
    with pytest.raises(PackageUnfit, match="no archive"):
        list(texts_in(b"not at all", MOST))


@both
def test_a_build_that_bundles_its_secret_is_refused_and_names_the_file(
    tmp_path: Path, packed: Callable[[Files], bytes]
) -> None:
    bundled = {"dist/index.js": f"const t='{TEXT}'".encode()}
    (tmp_path / "made.tgz").write_bytes(packed({"package.json": b"{}", **bundled}))
    given = replace(
        job(Workplace(tmp_path)), secret_texts={"token": TEXT}, shows=Mask({"ODMD_SECRET_TOKEN": TEXT}).shows
    )
    with pytest.raises(SecretShown, match=r"dist/index\.js in the package") as refused:
        only_file(tmp_path, "*.tgz", MOST, given)
    assert TEXT not in str(refused.value)
    assert only_file(tmp_path, "*.tgz", MOST, job(Workplace(tmp_path)))
