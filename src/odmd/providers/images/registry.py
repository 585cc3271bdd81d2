"""A registry of images, over the API that all of them speak: what is there already is not sent again, and what was
sent is read back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Final, Self
from urllib.parse import urljoin, urlsplit

import httpx

from odmd.control.running.saying import WAITS
from odmd.errors import ImageDiffers, ImagesUnreachable, PushRefused
from odmd.providers.images.address import PushRight, RepositoryAddress
from odmd.providers.images.content import (
    INDEXES,
    MANIFESTS,
    MOST_OF_A_MANIFEST,
    Blob,
    Manifest,
    digest_of,
    is_digest,
)
from odmd.trust import authorities

_SECONDS: Final = 60.0
"""That a registry may stay silent."""
_LONGEST_SECONDS: Final = 300.0
"""For one answer, however it drips."""
_TRIES: Final = 6
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_PIECE: Final = 1 << 20
_BUSY: Final = (408, 425, 429)
_SHOWN: Final = 300
_AWAY: Final = (401, 403)


def _nothing(_line: str) -> None: ...


@dataclass
class Registry:
    """One repository of it, with the right that was given there; to be used within `with`."""

    address: RepositoryAddress
    sign_in: Callable[[], PushRight]
    """Asked again when a token has expired."""
    alive: Callable[[str], None] = _nothing
    """Told what is waited for; raises when somebody else goes on with the run."""
    sleep: Callable[[float], None] = time.sleep
    seconds: float = _SECONDS
    longest: float = _LONGEST_SECONDS
    _token: PushRight | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if "_client" in self.__dict__:
            self._client.close()

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(timeout=httpx.Timeout(self.seconds), follow_redirects=False, verify=authorities())

    def prove(self) -> None:
        """Proves that the registry answers, and takes this sign-in.

        Raises:
            ImagesUnreachable, PushRefused
        """
        answer = self._ask("GET", "/v2/")
        if not answer.is_success:
            raise self._refusal(answer, "does not sign odmd in")

    def digest(self, reference: str) -> str | None:
        """What a tag leads to, or whether a digest is there; proven by the content that it has.

        Raises:
            ImagesUnreachable, PushRefused, ImageDiffers
        """
        content = self._content(reference)
        return None if content is None else digest_of(content)

    def tag(self, blob: Blob, tags: Sequence[str]) -> None:
        """Gives more tags to an image that is there, from what is there.

        Raises:
            ImageDiffers, ImagesUnreachable, PushRefused
        """
        manifest = self._content(blob.digest)
        if manifest is None:
            raise ImageDiffers(f"{self.address.uri} does not have {blob.digest} any more")
        for tag in tags:
            self._put_tag(blob, manifest, tag)
        self._read_back(blob, tags)

    def push(self, image: Manifest, content: Callable[[Blob], IO[bytes]], tags: Sequence[str]) -> int:
        """Makes it be there, by its digest and by tags; returns the bytes that were sent.

        Raises:
            ImageDiffers: what is there afterwards is another image.
            ImagesUnreachable, PushRefused
        """
        sent = sum(self._blob(blob, content) for one in image.all() for blob in _each_once(one.blobs))
        manifest = b""
        for one in image.all():
            with content(one.blob) as file:
                manifest = file.read()
            sent += self._put_manifest(one.blob, manifest, one.blob.digest)
        for tag in tags:
            sent += self._put_tag(image.blob, manifest, tag)
        self._read_back(image.blob, tags)
        return sent

    def _content(self, reference: str) -> bytes | None:
        """A manifest, proven by its digest."""
        answer = self._ask("GET", self._manifest(reference), {"Accept": ", ".join((*MANIFESTS, *INDEXES))})
        if answer.status_code == 404:
            return None
        if not answer.is_success:
            raise self._refusal(answer, f"does not say what {reference} is")
        found, said = digest_of(answer.content), answer.headers.get("Docker-Content-Digest", "")
        wanted = reference if is_digest(reference) else said or found
        if found != wanted or said not in ("", found):
            raise ImageDiffers(
                f"{self.address.uri} has other content than it says: {reference} is {found}, and not {wanted}",
                next_step="see who changes what lies in the registry, or on the way to it",
            )
        return answer.content

    def _read_back(self, blob: Blob, tags: Sequence[str]) -> None:
        for reference in (blob.digest, *tags):
            if (found := self.digest(reference)) != blob.digest:
                raise ImageDiffers(
                    f"{self.address.uri} took {blob.digest}, and has {found or 'nothing'} as {reference}",
                    next_step="see who else pushes there; tags of odmd's repositories never move",
                )

    def _put_tag(self, blob: Blob, manifest: bytes, tag: str) -> int:
        return 0 if self.digest(tag) == blob.digest else self._put_manifest(blob, manifest, tag)

    def _put_manifest(self, blob: Blob, manifest: bytes, reference: str) -> int:
        answer = self._ask("PUT", self._manifest(reference), {"Content-Type": blob.media_type}, lambda: manifest)
        if answer.is_success:
            said = answer.headers.get("Docker-Content-Digest", blob.digest)
            if said != blob.digest:
                raise ImageDiffers(f"{self.address.uri} was given {blob.digest} and says that it is {said}")
            return len(manifest)
        if (there := self.digest(reference)) == blob.digest:
            return 0  # another one of us was first
        if there is not None:
            raise ImageDiffers(
                f"{self.address.uri}:{reference} is {there} already, and not {blob.digest}",
                next_step="its tags never move: remove that tag, if nobody runs it, and try again",
            )
        raise self._refusal(answer, f"takes no {reference}")

    def _blob(self, blob: Blob, content: Callable[[Blob], IO[bytes]]) -> int:
        """Sends what is not there; returns how much."""
        if self._has(blob):
            return 0
        for attempt in range(_TRIES):
            begun = self._ask("POST", f"/v2/{self.address.repository}/blobs/uploads/", sends=bytes)
            if not begun.is_success:
                raise self._refusal(begun, "takes no upload")
            try:
                answer = self._upload(self._location(begun), blob, content)
            except ImagesUnreachable:
                if attempt == _TRIES - 1:
                    raise
                self._pause(attempt)
                continue
            if answer is None or answer.is_success:
                return blob.size
            if answer.status_code != 404 and answer.status_code not in (416, 500, 502, 503, 504):
                raise self._refusal(answer, f"takes no content {blob.digest}")
            self._pause(attempt, answer)  # an upload cannot be gone on with: it begins again
        raise ImagesUnreachable(
            f"{self.address.host} broke off each upload of {blob.digest}", next_step="the next run tries it again"
        )

    def _upload(self, to: str, blob: Blob, content: Callable[[Blob], IO[bytes]]) -> httpx.Response | None:
        """One try; None where the blob came to be there by another's."""
        size = {"Content-Type": "application/octet-stream", "Content-Length": str(blob.size)}
        sent = self._ask("PATCH", to, size, lambda: _pieces(content(blob)), tries=1)
        if not sent.is_success:
            return sent
        to = self._location(sent)
        done = self._ask("PUT", f"{to}{'&' if '?' in to else '?'}digest={blob.digest}", sends=bytes, tries=1)
        return None if not done.is_success and self._has(blob) else done

    def _has(self, blob: Blob) -> bool:
        """Some say where it lies instead, which is nowhere to be asked with this right."""
        answer = self._ask("HEAD", f"/v2/{self.address.repository}/blobs/{blob.digest}")
        return answer.is_success or answer.is_redirect

    def _location(self, answer: httpx.Response) -> str:
        """Where an upload goes on; what was signed in with is sent nowhere else.

        Raises:
            ImagesUnreachable
        """
        said, base = answer.headers.get("Location", ""), urlsplit(self.address.url)
        parts = urlsplit(urljoin(self.address.url, said))
        if not said or (parts.scheme, parts.netloc) not in {base[:2], (base.scheme, self.address.host)}:
            raise ImagesUnreachable(f"{self.address.host} sends an upload to {parts.netloc or 'nowhere'}")
        return f"{parts.path}{f'?{parts.query}' if parts.query else ''}"

    def _manifest(self, reference: str) -> str:
        return f"/v2/{self.address.repository}/manifests/{reference}"

    def _ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        sends: Callable[[], bytes | Iterator[bytes]] | None = None,
        *,
        tries: int = _TRIES,
    ) -> httpx.Response:
        """An answer that is no "later"; a token that expired is renewed once.

        Raises:
            ImagesUnreachable
        """
        renewed, answer = False, None
        for attempt in range(tries):
            last = attempt == tries - 1
            try:
                answer = self._send(method, path, headers or {}, sends)
            except (httpx.HTTPError, httpx.InvalidURL) as wrong:
                if last:
                    raise ImagesUnreachable(
                        f"{self.address.host} does not answer: {type(wrong).__name__} {wrong}",
                        next_step="see the network and the proxy; the next run tries it again",
                    ) from wrong
                self._pause(attempt)
                continue
            if answer.status_code == 401 and self._token is not None and not renewed:
                renewed, self._token = True, None
                answer = self._send(method, path, headers or {}, sends)
            if answer.status_code not in _BUSY and answer.status_code < 500:
                return answer
            if not last:
                self._pause(attempt, answer)
        if answer is not None and tries == 1:
            return answer
        status = "nothing" if answer is None else answer.status_code
        raise ImagesUnreachable(f"{self.address.host} answers {status}", next_step="the next run tries it again")

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], sends: Callable[[], bytes | Iterator[bytes]] | None
    ) -> httpx.Response:
        self._token = self._token or self.sign_in()
        own = {"Host": self.address.host, "Authorization": self._token.header(), **headers}
        url, given = urljoin(self.address.url, path), sends() if sends else None
        with self._client.stream(method, url, headers=own, content=given) as answer:
            content, until = bytearray(), time.monotonic() + self.longest
            for piece in answer.iter_bytes():
                content += piece
                if time.monotonic() > until:
                    raise httpx.ReadTimeout(f"its answer is not read after {self.longest:g} s")
                if len(content) > MOST_OF_A_MANIFEST:
                    raise httpx.DecodingError("the answer has no end")
            return httpx.Response(answer.status_code, headers=_plain(answer.headers), content=bytes(content))

    def _pause(self, attempt: int, answer: httpx.Response | None = None) -> None:
        asked = answer.headers.get("Retry-After", "") if answer is not None else ""
        pause = min(float(asked) if asked.isdigit() else _FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE)
        why = f"answers {answer.status_code}" if answer is not None else "does not answer"
        self.alive(f"{WAITS}{self.address.host} {why}: asked again in {pause:g} s")
        self.sleep(pause)

    def _refusal(self, answer: httpx.Response, what: str) -> PushRefused:
        said = " ".join(answer.text.split())[:_SHOWN]
        hint = "see what the registry says"
        if answer.status_code in _AWAY:
            hint = "the credentials of its account need ecr:GetAuthorizationToken, and to push to the repository"
        return PushRefused(f"{self.address.uri} {what}: {answer.status_code} {said}".strip(), next_step=hint)


def _each_once(blobs: Sequence[Blob]) -> Iterator[Blob]:
    yield from {blob.digest: blob for blob in blobs}.values()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _plain(headers: httpx.Headers) -> list[tuple[str, str]]:
    """Without those of how it was sent: its content is read already."""
    return [
        (name, text)
        for name, text in headers.items()
        if name not in ("content-encoding", "transfer-encoding", "content-length")
    ]
