"""A registry of npm: asked for what it has of one package, and given it as npm does."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Final, cast
from urllib.parse import quote, urljoin

import httpx

from odmd.errors import IndexUnreachable
from odmd.graph.built import PackageNode
from odmd.providers.npm.manifest import Manifest, object_of, published_to, versions_in
from odmd.providers.npm.sign_in import sign_in_to_registry
from odmd.providers.npm.tarball import Tarball, integrity, manifest_in
from odmd.providers.npm.versions import dist_tag
from odmd.providers.packages import web
from odmd.providers.packages.package_version import File, PublishedFile
from odmd.providers.packages.tarballs import MOST
from odmd.trust import authorities

_MOST_LISTED: Final = 64_000_000
"""Bytes of what a registry says that it has of one package."""
_SHORT: Final = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8"
"""What installs need, where a registry tells that alone."""
_WHOLE: Final = "application/json"


@dataclass(frozen=True, slots=True)
class NpmRegistry:
    """Where one package is published, with the right that this machine has there."""

    package: PackageNode
    slot: str = ""
    """Of the enver that publishes there."""

    def versions(self) -> Mapping[str, Manifest]:
        """What is there by version; nothing where it was never published here.

        Raises:
            IndexUnreachable, SettingsInvalid
        """
        return versions_in(self.document(_SHORT))

    def document(self, accept: str = _WHOLE) -> Mapping[str, object]:
        """All that the registry says of the package.

        Raises:
            IndexUnreachable, SettingsInvalid
        """
        url = self.url
        with self._answer(url, accept, web.stays_at(url)) as answer:
            if answer.status_code in (404, 410) or answer.is_redirect:
                return {}
            web.refuse_failure(answer)
            content = web.content_of(answer, _MOST_LISTED)
        try:
            return _document_in(content)
        except (ValueError, RecursionError) as wrong:
            raise IndexUnreachable(
                f"{url} is no page of a registry of npm: {type(wrong).__name__}",
                next_step="let `registry` in the contracts be the address of the registry",
            ) from wrong

    def published(self, version: str) -> Sequence[PublishedFile]:
        if (found := self.versions().get(version)) is None:
            return ()
        dist = object_of(found.get("dist"))
        digests = [one for one in str(dist.get("integrity") or "").split() if one.startswith("sha512-")]
        digest, address = digests[0] if digests else "", str(dist.get("tarball") or "")
        name = f"{self.package.distribution}-{version}.tgz"
        return [PublishedFile(name, digest, partial(self._content, address, digest))]

    def digest(self, content: bytes) -> str:
        return integrity(content)

    def upload(self, file: File) -> None:
        tarball = Tarball(file.content, object_of(manifest_in(file.content)))
        tag = dist_tag(tarball.version, self.slot, frozenset(self.versions()))
        body = json.dumps(_document(tarball, self.package.index, tag)).encode()
        self.put(self.url, body, file.filename)

    def put(self, url: str, body: bytes, what: str) -> None:
        """Gives something to the registry.

        Raises:
            UploadRefused, IndexUnreachable, SettingsInvalid
        """
        self._send("PUT", url, what, body)

    def delete(self, url: str, what: str) -> None:
        """Takes something away from it.

        Raises:
            UploadRefused, IndexUnreachable, SettingsInvalid
        """
        self._send("DELETE", url, what)

    @property
    def url(self) -> str:
        """Of the package."""
        return f"{self.package.index.rstrip('/')}/{quote(self.package.distribution, safe='@')}"

    def _content(self, address: str, digest: str) -> bytes:
        """What lies there, proven to be what the registry lists."""
        if not address:
            raise IndexUnreachable(
                f"{self.url} lists a version and no file of it", next_step="see what the registry is"
            )
        url = urljoin(self.url, address)
        with self._answer(url, "*/*", lambda _: True) as answer:
            web.refuse_failure(answer)
            content = web.content_of(answer, MOST)
        if digest and integrity(content) != digest:
            raise IndexUnreachable(
                f"{url} is not what the registry lists: its integrity is another one",
                next_step="see who changes what lies in the registry, or on the way to it",
            )
        return content

    def _answer(self, url: str, accept: str, follows: web.Follows) -> AbstractContextManager[httpx.Response]:
        return web.answer(url, {"Accept": accept}, follows=follows, sign_in=sign_in_to_registry)

    def _send(self, method: str, url: str, what: str, body: bytes | None = None) -> None:
        try:
            signed_in = sign_in_to_registry(url)
            with httpx.Client(timeout=web.SECONDS, auth=signed_in, verify=authorities()) as client:
                answer = client.request(method, url, content=body, headers={"Content-Type": _WHOLE})
        except httpx.HTTPError as wrong:
            raise web.unreachable(url, wrong) from wrong
        web.refuse_upload(answer, what)


def _document_in(content: bytes) -> Mapping[str, object]:
    if not isinstance(loaded := json.loads(content), dict):
        raise ValueError("no object")  # of JSON that came from outside
    return object_of(cast("object", loaded))


def _document(tarball: Tarball, registry: str, tag: str) -> Mapping[str, object]:
    """As npm gives one version to a registry."""
    name, version, filename = tarball.name, tarball.version, tarball.filename
    dist = {
        "integrity": integrity(tarball.content),
        "shasum": hashlib.sha1(tarball.content, usedforsecurity=False).hexdigest(),
        "tarball": f"{registry.rstrip('/')}/{name}/-/{filename}",
    }
    manifest = {**tarball.manifest, "version": version, "_id": f"{name}@{version}", "dist": dist}
    content = base64.b64encode(tarball.content).decode()
    file = {"content_type": "application/octet-stream", "data": content, "length": len(tarball.content)}
    return {
        "_id": name,
        "name": name,
        "description": tarball.manifest.get("description", ""),
        "dist-tags": {tag: version},
        "versions": {version: manifest},
        "access": published_to(tarball.manifest).get("access"),
        "_attachments": {filename: file},
    }
