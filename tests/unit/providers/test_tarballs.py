"""Archives, as they are read of bytes that anybody may have made, and as they are packed."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.providers.packages import tarballs
from odmd.providers.packages.sdist import lasting_sdist, read_sdist
from odmd.providers.packages.tarballs import PackedFile, TarballUnfit, pack, unpack
from odmd.providers.packages.wheel import WheelUnfit

NAME = st.text("abcé-_. ", min_size=1, max_size=130).filter(lambda name: name not in (".", ".."))
FILES = st.dictionaries(NAME, st.builds(PackedFile, st.binary(max_size=300), st.booleans()), max_size=6)


def archive(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as made:
        for about, content in entries:
            about.size = len(content)
            made.addfile(about, io.BytesIO(content))
    return out.getvalue()


def entry(name: str, **more: object) -> tarfile.TarInfo:
    about = tarfile.TarInfo(name)
    for field, value in more.items():
        setattr(about, field, value)
    return about


@given(FILES)
def test_what_is_packed_is_unpacked(files: Mapping[str, PackedFile]) -> None:
    assert unpack(pack(files, "package")) == files


@given(FILES)
def test_the_same_files_are_the_same_bytes_in_whatever_order_they_come(files: Mapping[str, PackedFile]) -> None:
    assert pack(dict(reversed(files.items())), "package") == pack(files, "package")


def test_times_and_people_make_no_difference() -> None:
    one = archive((entry("package/a", mtime=7, uid=1, uname="me", mode=0o600), b"x"))
    other = archive((entry("other/a", mtime=9, uid=2, uname="you", mode=0o644), b"x"))
    assert pack(unpack(one), "package") == pack(unpack(other), "package")
    assert unpack(archive((entry("package/a", mode=0o700), b"x")))["a"].is_program


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: b"", "it is no archive"),
        (lambda: b"PK\3\4", "it is no archive"),
        (lambda: gzip.compress(b"no tar" * 200), "it is no archive"),
        (lambda: archive((entry("package/a"), b"x" * 5000))[:-30], "it is no archive"),
        (lambda: archive((entry("package/../../a"), b"x")), "outside of its folder"),
        (lambda: archive((entry("/package/a"), b"x")), "outside of its folder"),
        (lambda: archive((entry("a"), b"x")), "outside of its folder"),
        (lambda: archive((entry("package/a", type=tarfile.SYMTYPE, linkname="/etc/passwd"), b"")), "is a link"),
        (lambda: archive((entry("package/a", type=tarfile.LNKTYPE, linkname="package/b"), b"")), "is a link"),
        (lambda: archive((entry("package/a", type=tarfile.FIFOTYPE), b"")), "is a link, or no file"),
        (lambda: archive((entry("package/a"), b"x"), (entry("other/a"), b"y")), "is in it twice"),
        (lambda: gzip.compress(bytes(130_000_000), 1), "more than"),
    ],
)
def test_what_is_no_package_says_why(made: Callable[[], bytes], said: str) -> None:
    with pytest.raises(TarballUnfit, match=said):
        unpack(made())


def test_an_archive_of_more_files_than_anybody_means_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tarballs, "_MOST_FILES", 2)
    files = {str(number): PackedFile(b"") for number in range(3)}
    with pytest.raises(TarballUnfit, match="more than"):
        unpack(pack(files, "package"))


ABOUT = "Metadata-Version: 2.4\nName: Acme.Orders\nVersion: 1.2.0\n"


def sources(about: str = ABOUT, folder: str = "acme_orders-1.2.0", **more: int) -> bytes:
    return archive((entry(f"{folder}/PKG-INFO", **more), about.encode()), (entry(f"{folder}/x.py", **more), b"x = 1\n"))


def test_sources_are_named_after_what_they_say_and_last() -> None:
    made = read_sdist(sources())
    assert (made.filename, made.name, str(made.version)) == ("acme_orders-1.2.0.tar.gz", "acme-orders", "1.2.0")
    assert lasting_sdist(sources(mtime=1)).content == lasting_sdist(sources(folder="Acme.Orders-1.2", mtime=2)).content


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (b"", "of the sources: it is no archive"),
        (archive((entry("x/setup.py"), b"")), "have no PKG-INFO"),
        (sources(ABOUT.replace("1.2.0", "one")), "says what cannot be"),
        (sources("Metadata-Version: 2.4\n"), "says what cannot be"),
    ],
    ids=["nothing", "of no form", "no version", "no name"],
)
def test_what_is_no_sources_says_why(made: bytes, said: str) -> None:
    with pytest.raises(WheelUnfit, match=said):
        read_sdist(made)
