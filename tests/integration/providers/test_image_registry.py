"""What is pushed to a registry is there afterwards, or it is said why not: registries refuse, break off, and lie."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from typing import IO

import pytest

from odmd.errors import ImageDiffers, ImagesUnreachable, PushRefused
from odmd.providers.images.address import PushRight, RepositoryAddress
from odmd.providers.images.content import MANIFESTS, Blob, Manifest
from odmd.providers.images.registry import Registry
from support.lying_registry import PASSWORD, USER, LyingRegistry, lying_registry


def blob(content: bytes, kind: str = "application/octet-stream") -> Blob:
    return Blob(f"sha256:{hashlib.sha256(content).hexdigest()}", kind, len(content))


CONFIG, LAYER = b"{}", b"tea" * 1000
CONTENT = {blob(one).digest: one for one in (CONFIG, LAYER)}
BLOBS = (blob(CONFIG), blob(LAYER))
MANIFEST = json.dumps({"config": BLOBS[0].digest, "layers": [BLOBS[1].digest]}).encode()
IMAGE = Manifest(blob(MANIFEST, MANIFESTS[0]), BLOBS)
CONTENT[IMAGE.blob.digest] = MANIFEST


def content(one: Blob) -> IO[bytes]:
    return io.BytesIO(CONTENT[one.digest])


@pytest.fixture
def there() -> Iterator[LyingRegistry]:
    with lying_registry() as running:
        yield running


class Client(Registry):
    """Does not sleep, and says how long it would have."""

    def __init__(self, there: LyingRegistry, *passwords: str) -> None:
        self.slept, self.heard, given = list[float](), list[str](), list(passwords or (PASSWORD,))
        super().__init__(
            RepositoryAddress(there.url, "111122223333.dkr.ecr.us-west-1.amazonaws.com", "tea"),
            lambda: PushRight(USER, given.pop(0) if len(given) > 1 else given[0]),
            self.heard.append,
            self.slept.append,
            seconds=10,
        )


@pytest.fixture
def client(there: LyingRegistry) -> Iterator[Client]:
    with Client(there) as made:
        yield made


def test_an_image_is_sent_once(there: LyingRegistry, client: Client) -> None:
    assert client.push(IMAGE, content, ["main.1"]) > len(LAYER)
    assert set(there.manifests) == {IMAGE.blob.digest, "main.1"}
    uploads = there.uploads
    client.push(IMAGE, content, ["main.1", "main.2"])
    assert there.uploads == uploads == 2
    assert "main.2" in there.manifests


def test_content_that_lies_elsewhere_is_there(there: LyingRegistry, client: Client) -> None:
    there.answers = [("HEAD", blob.digest, 307) for blob in BLOBS]
    client.push(IMAGE, content, ["main.1"])
    assert (there.uploads, there.answers) == (0, [])


def test_a_password_that_is_refused_is_said_and_not_shown(there: LyingRegistry) -> None:
    with Client(there, "wrong") as client, pytest.raises(PushRefused) as refused:
        client.prove()
    assert "401" in str(refused.value)
    assert "ecr:GetAuthorizationToken" in refused.value.next_step
    assert "wrong" not in str(refused.value) + repr(client)


def test_a_token_that_expired_is_asked_for_again(there: LyingRegistry) -> None:
    with Client(there, "expired", PASSWORD) as client:
        client.push(IMAGE, content, ["main.1"])
    assert "main.1" in there.manifests


@pytest.mark.parametrize(
    "answer",
    [
        ("POST", "uploads", 429),
        ("HEAD", "blobs", 503),
        ("PATCH", "uploads", 500),
        ("PUT", "uploads", 502),
        ("PUT", "manifests", 500),
        ("GET", "manifests", 429),
        ("PATCH", "uploads", 404),
    ],
    ids=str,
)
def test_what_passes_is_tried_again(there: LyingRegistry, client: Client, answer: tuple[str, str, int]) -> None:
    there.answers = [answer, answer]
    client.push(IMAGE, content, ["main.1"])
    assert there.answers == []
    assert client.slept == [1.0, 1.0]
    assert all(line.startswith("waits: ") for line in client.heard)


def test_a_registry_that_is_always_busy_is_given_up(there: LyingRegistry, client: Client) -> None:
    there.answers = [("POST", "uploads", 429)] * 20
    with pytest.raises(ImagesUnreachable, match="429"):
        client.push(IMAGE, content, [])


def test_one_that_does_not_answer_is_given_up(there: LyingRegistry, client: Client) -> None:
    client.address = RepositoryAddress("http://127.0.0.1:9", "nobody.example", "tea")
    with pytest.raises(ImagesUnreachable, match="does not answer"):
        client.prove()
    assert client.slept == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_one_whose_answer_has_no_end_is_given_up(there: LyingRegistry, client: Client) -> None:
    there.drips, client.longest = True, 0.1
    with pytest.raises(ImagesUnreachable, match="is not read after"):
        client.prove()
    assert len(client.slept) == 5
    there.drips = False


@pytest.mark.parametrize("status", [400, 403, 405])
def test_one_that_takes_nothing_is_not_asked_again(there: LyingRegistry, client: Client, status: int) -> None:
    there.answers = [("POST", "uploads", status)]
    with pytest.raises(PushRefused, match=str(status)):
        client.push(IMAGE, content, [])
    assert client.slept == []


def test_one_that_says_another_digest_is_not_believed(there: LyingRegistry, client: Client) -> None:
    there.says_another_digest = True
    with pytest.raises(ImageDiffers, match="says that it is sha256:0000"):
        client.push(IMAGE, content, ["main.1"])


def test_one_that_has_other_content_afterwards_is_found_out(there: LyingRegistry, client: Client) -> None:
    there.has_another_content = True
    with pytest.raises(ImageDiffers, match="other content"):
        client.push(IMAGE, content, ["main.1"])


def test_one_that_has_nothing_afterwards_is_found_out(there: LyingRegistry, client: Client) -> None:
    there.forgets = True
    with pytest.raises(ImageDiffers, match="has nothing"):
        client.push(IMAGE, content, ["main.1"])


def test_a_tag_that_leads_elsewhere_stays_so_and_is_said(there: LyingRegistry, client: Client) -> None:
    there.manifests["main.1"] = b"another image"
    with pytest.raises(ImageDiffers, match=r"main\.1 is sha256"):
        client.push(IMAGE, content, ["main.1"])
    assert there.manifests["main.1"] == b"another image"


def test_the_right_is_sent_to_no_other_server(there: LyingRegistry, client: Client) -> None:
    with lying_registry() as elsewhere:
        there.sends_away = elsewhere.url
        with pytest.raises(ImagesUnreachable, match="sends an upload to"):
            client.push(IMAGE, content, [])
        assert elsewhere.asked == []
