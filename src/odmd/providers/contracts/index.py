"""A package index: asked over its simple API for what it has, and given files by the form that all indexes take."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx
from mousebender import simple
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from odmd.errors import IndexUnreachable, UploadRefused
from odmd.graph.nodes import PackageNode
from odmd.providers.contracts.credentials import sign_in, variable_of
from odmd.providers.contracts.release import Release
from odmd.providers.contracts.wheel import MOST, Wheel, upload_fields

_Follows = Callable[[str], bool]

_SECONDS: Final = 30.0
"""That an index may stay silent."""
_LONGEST_SECONDS: Final = 300.0
"""For one answer, however it drips."""
_MOST_LISTED: Final = 16_000_000
"""Bytes of what an index says that it has of one package."""
_SHOWN: Final = 300
_AWAY: Final = (401, 403)
_BUSY: Final = (408, 425, 429)
_TAKES_ANY: Final = "*/*"
_NO_PAGE: Final = (
    simple.UnsupportedMIMEType,
    simple.UnsupportedAPIVersion,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
)
"""What reading something says that no index wrote."""


@dataclass(frozen=True, slots=True)
class Index:
    """Where one package is published, with the right that this machine has there."""

    package: PackageNode

    def releases(self) -> Sequence[Release]:
        """All files of the package; none where it was never published here, be it that another index has the name.

        Raises:
            IndexUnreachable, SettingsInvalid
        """
        url = simple.create_project_url(self.package.index, self.package.distribution)
        with _answer(url, {"Accept": simple.ACCEPT_SUPPORTED}, follows=_is_of(url)) as answer:
            if answer.status_code in (404, 410) or answer.is_redirect:
                return ()
            _refuse_failure(answer)
            kind, page = answer.headers.get("Content-Type", "").partition(";")[0].strip(), _text(answer, _MOST_LISTED)
            at = str(answer.url)
        try:
            listed = simple.parse_project_details(page, kind, self.package.distribution)
            return tuple(_releases(listed, at, self.package.distribution))
        except _NO_PAGE as wrong:
            raise IndexUnreachable(
                f"{at} is no page of a package index: {type(wrong).__name__}",
                next_step="let `index` in the contracts be the address of the index's simple API",
            ) from wrong

    def content(self, release: Release) -> bytes:
        """What is in a file, proven to be what the index lists.

        Raises:
            IndexUnreachable, SettingsInvalid
        """
        with _answer(release.url, {"Accept": _TAKES_ANY}, follows=lambda _: True) as answer:
            _refuse_failure(answer)
            content = _bytes(answer, MOST)
        if release.sha256 and hashlib.sha256(content).hexdigest() != release.sha256:
            raise IndexUnreachable(
                f"{release.url} is not what the index lists: its sha256 is another one",
                next_step="see who changes what lies in the index, or on the way to it",
            )
        return content

    def sha256(self, release: Release) -> str:
        """That of what really lies there.

        Raises:
            IndexUnreachable, SettingsInvalid
        """
        return hashlib.sha256(self.content(release)).hexdigest()

    def upload(self, wheel: Wheel) -> None:
        """Offers a file.

        Raises:
            UploadRefused: the index says no; as well where it has that file already.
            IndexUnreachable: nobody knows whether it took it.
        """
        url = self.package.upload
        try:
            with httpx.Client(timeout=_SECONDS, auth=sign_in(url)) as client:
                answer = client.post(
                    url,
                    data=dict(upload_fields(wheel)),
                    files={"content": (wheel.filename, wheel.content, "application/octet-stream")},
                )
        except httpx.HTTPError as wrong:
            raise _unreachable(url, wrong) from wrong
        if answer.status_code >= 500 or answer.status_code in _BUSY:
            raise IndexUnreachable(f"{url} answers {answer.status_code}", next_step="the next run tries it again")
        if not answer.is_success:
            said = " ".join(answer.text.split())[:_SHOWN]
            raise UploadRefused(
                f"{url} takes no {wheel.filename}: {answer.status_code} {said}",
                next_step=_hint(url) if answer.status_code in _AWAY else "see what the index says",
            )


def _releases(listed: simple.ProjectDetails, page: str, distribution: str) -> Iterator[Release]:
    """Those whose names say a version; what an index says otherwise is of no use, or of another form than it claims."""
    for one in listed["files"]:
        if (version := _version(one["filename"], distribution)) is not None:
            sha256 = one["hashes"].get("sha256", "").lower()
            yield Release(one["filename"], version, urljoin(page, one["url"]), sha256)


def _version(filename: str, distribution: str) -> Version | None:
    """The version that a file is of; None for one of another package, or of old or unknown form."""
    try:
        if filename.endswith(".whl"):
            name, version, _, _ = parse_wheel_filename(filename)
        else:
            name, version = parse_sdist_filename(filename)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None
    return version if name == canonicalize_name(distribution) else None


@contextmanager
def _answer(url: str, headers: Mapping[str, str], *, follows: _Follows) -> Generator[httpx.Response]:
    """Asks; whoever it is sent on to is told only what is meant for that host."""
    try:
        with httpx.Client(timeout=_SECONDS) as client:
            for _ in range(client.max_redirects):
                with client.stream("GET", url, headers=dict(headers), auth=sign_in(url)) as answer:
                    if not answer.is_redirect or not follows(to := urljoin(url, answer.headers["Location"])):
                        yield answer
                        return
                url = to
        raise IndexUnreachable(f"{url} leads in a circle")
    except (httpx.HTTPError, httpx.InvalidURL) as wrong:
        raise _unreachable(url, wrong) from wrong


def _is_of(url: str) -> _Follows:
    """An index that does not know a package may send on to another one, where it is somebody else's."""
    return lambda to: urlsplit(to)[:2] == urlsplit(url)[:2]


def _refuse_failure(answer: httpx.Response) -> None:
    if answer.status_code in _AWAY:
        raise IndexUnreachable(f"{answer.url} answers {answer.status_code}", next_step=_hint(str(answer.url)))
    if not answer.is_success:
        raise IndexUnreachable(
            f"{answer.url} answers {answer.status_code}", next_step="see whether it is an index, and well"
        )


def _text(answer: httpx.Response, most: int) -> str:
    return _bytes(answer, most).decode(errors="replace")


def _bytes(answer: httpx.Response, most: int) -> bytes:
    content, until = bytearray(), time.monotonic() + _LONGEST_SECONDS
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > most:
            raise IndexUnreachable(f"{answer.url} has more than {most:,} bytes", next_step="see what lies there")
        if time.monotonic() > until:
            raise IndexUnreachable(f"{answer.url} is not read after {_LONGEST_SECONDS:g} s", next_step="try it again")
    return bytes(content)


def _unreachable(url: str, wrong: Exception) -> IndexUnreachable:
    return IndexUnreachable(
        f"{url} does not answer: {type(wrong).__name__} {wrong}",
        next_step="see the network, the proxy, and the address in the contracts",
    )


def _hint(url: str) -> str:
    variable = variable_of(url)
    return (
        f"who signs in is {variable}_USERNAME and {variable}_PASSWORD, or what a netrc file says of "
        f"{urlsplit(url).hostname}, where runs are carried out"
    )
