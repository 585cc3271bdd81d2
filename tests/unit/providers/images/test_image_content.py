"""Layouts as builders write them, and as somebody may have written them who wants to be believed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from odmd.providers.images.content import INDEXES, MANIFESTS, Manifest, NoImage
from odmd.providers.images.shelf import ImageShelf


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Layout:
    """One in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "blobs" / "sha256").mkdir(parents=True)

    def blob(self, content: bytes, kind: str = "application/octet-stream") -> Mapping[str, object]:
        named = digest(content)
        (self.folder / "blobs" / named.replace(":", "/")).write_bytes(content)
        return {"digest": named, "mediaType": kind, "size": len(content)}

    def manifest(self, *layers: bytes) -> Mapping[str, object]:
        said = {"config": self.blob(b"{}"), "layers": [self.blob(one) for one in layers]}
        return self.blob(json.dumps(said).encode(), MANIFESTS[0])

    def index(self, *manifests: Mapping[str, object]) -> Mapping[str, object]:
        return self.blob(json.dumps({"manifests": manifests}).encode(), INDEXES[0])

    def top(self, *tops: Mapping[str, object]) -> None:
        (self.folder / "index.json").write_text(json.dumps({"manifests": tops}))


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "layout")


@pytest.fixture
def shelf(tmp_path: Path) -> ImageShelf:
    return ImageShelf(tmp_path / "shelf")


def taken(shelf: ImageShelf, layout: Layout) -> Manifest:
    return shelf.take(layout.folder)


def test_an_image_is_kept_with_all_that_it_refers_to(layout: Layout, shelf: ImageShelf) -> None:
    layout.top(layout.manifest(b"one", b"two"))
    image = taken(shelf, layout)
    assert shelf.image(image.blob) == image
    assert [shelf.open(blob).read() for blob in image.blobs] == [b"{}", b"one", b"two"]


def test_images_for_several_platforms_come_before_their_index(layout: Layout, shelf: ImageShelf) -> None:
    layout.top(layout.index(layout.manifest(b"one"), layout.manifest(b"two")))
    image = taken(shelf, layout)
    assert [one.blob.media_type for one in image.all()] == [MANIFESTS[0], MANIFESTS[0], INDEXES[0]]
    assert image.size == sum(path.stat().st_size for path in layout.folder.glob("blobs/sha256/*"))


def wrong_layer(layout: Layout) -> None:
    layout.top(layout.manifest(b"one"))
    (layout.folder / "blobs" / digest(b"one").replace(":", "/")).write_bytes(b"six")


def layer_that_is_a_link(layout: Layout) -> None:
    layout.top(layout.manifest(b"one"))
    place = layout.folder / "blobs" / digest(b"one").replace(":", "/")
    place.unlink()
    place.symlink_to("/etc/hostname")


def layer_that_is_not_there(layout: Layout) -> None:
    layout.top(layout.manifest(b"one"))
    (layout.folder / "blobs" / digest(b"one").replace(":", "/")).unlink()


def digest_that_leads_out(layout: Layout) -> None:
    layout.top({"digest": "sha256:../../../etc/passwd", "mediaType": MANIFESTS[0], "size": 1})


def index_in_an_index(layout: Layout) -> None:
    layout.top(layout.index(layout.index(layout.manifest(b"one"))))


def two_images(layout: Layout) -> None:
    layout.top(layout.manifest(b"one"), layout.manifest(b"two"))


def nothing(layout: Layout) -> None:
    layout.top()


def empty_index(layout: Layout) -> None:
    layout.top(layout.index())


def another_thing(layout: Layout) -> None:
    layout.top(layout.blob(b"{}", "text/plain"))


def no_json(layout: Layout) -> None:
    layout.top(layout.blob(b"[" * 5000, MANIFESTS[0]))


def no_layout(_: Layout) -> None: ...


@pytest.mark.parametrize(
    "wrong",
    [wrong_layer, layer_that_is_a_link, layer_that_is_not_there, digest_that_leads_out, index_in_an_index, two_images,
     nothing, empty_index, another_thing, no_json, no_layout],
)  # fmt: skip
def test_what_is_no_image_is_refused(wrong, layout: Layout, shelf: ImageShelf) -> None:
    wrong(layout)
    with pytest.raises(NoImage):
        taken(shelf, layout)


def test_an_image_that_is_not_whole_any_more_is_none(layout: Layout, shelf: ImageShelf) -> None:
    layout.top(layout.manifest(b"one"))
    image = taken(shelf, layout)
    (shelf.folder / "blobs" / image.blobs[1].digest.removeprefix("sha256:")).unlink()
    assert shelf.image(image.blob) is None


def test_a_damaged_manifest_is_none(layout: Layout, shelf: ImageShelf) -> None:
    layout.top(layout.manifest(b"one"))
    image = taken(shelf, layout)
    (shelf.folder / "blobs" / image.blob.digest.removeprefix("sha256:")).write_bytes(b"{}")
    assert shelf.image(image.blob) is None


def test_what_was_not_wanted_for_longest_goes_first(layout: Layout, tmp_path: Path) -> None:
    import os

    shelf = ImageShelf(tmp_path / "small", most=10)
    layout.top(layout.manifest(b"0123456789"))
    image = taken(shelf, layout)
    for number, blob in enumerate(image.blobs):
        os.utime(shelf.folder / "blobs" / blob.digest.removeprefix("sha256:"), (number, 1e10 + number))
    shelf.prune()
    assert [path.read_bytes() for path in (shelf.folder / "blobs").iterdir()] == [b"0123456789"]
