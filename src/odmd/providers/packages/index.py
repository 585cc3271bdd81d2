"""A package index: asked over its simple API for what it has, and given files by the form that all indexes take."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urljoin

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

from odmd.errors import IndexUnreachable
from odmd.graph.built import PackageNode
from odmd.providers.packages import web
from odmd.providers.packages.credentials import sign_in
from odmd.providers.packages.distribution import read_distribution, upload_fields
from odmd.providers.packages.package_version import File, PublishedFile
from odmd.providers.packages.release import Release
from odmd.providers.packages.wheel import MOST
from odmd.trust import authorities

_MOST_LISTED: Final = 16_000_000
"""Bytes of what an index says that it has of one package."""
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
        with web.answer(url, {"Accept": simple.ACCEPT_SUPPORTED}, follows=web.stays_at(url), sign_in=sign_in) as answer:
            if answer.status_code in (404, 410) or answer.is_redirect:
                return ()
            web.refuse_failure(answer)
            kind, page = (
                answer.headers.get("Content-Type", "").partition(";")[0].strip(),
                web.content_of(answer, _MOST_LISTED).decode(errors="replace"),
            )
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
        with web.answer(release.url, {"Accept": _TAKES_ANY}, follows=lambda _: True, sign_in=sign_in) as answer:
            web.refuse_failure(answer)
            content = web.content_of(answer, MOST)
        if release.sha256 and hashlib.sha256(content).hexdigest() != release.sha256:
            raise IndexUnreachable(
                f"{release.url} is not what the index lists: its sha256 is another one",
                next_step="see who changes what lies in the index, or on the way to it",
            )
        return content

    def published(self, version: str) -> Sequence[PublishedFile]:
        return [
            PublishedFile(one.filename, one.sha256, partial(self.content, one))
            for one in self.releases()
            if str(one.version) == version
        ]

    def digest(self, content: bytes) -> str:
        return hashlib.sha256(content).hexdigest()

    def upload(self, file: File) -> None:
        url, distribution = self.package.upload, read_distribution(file)
        try:
            with httpx.Client(timeout=web.SECONDS, auth=sign_in(url), verify=authorities()) as client:
                answer = client.post(
                    url,
                    data=dict(upload_fields(distribution)),
                    files={"content": (file.filename, file.content, "application/octet-stream")},
                )
        except httpx.HTTPError as wrong:
            raise web.unreachable(url, wrong) from wrong
        web.refuse_upload(answer, file.filename)


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
