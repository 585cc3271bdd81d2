"""Uploads what templates refer to; keys are hashes of content, so what is there is right, as long as nobody else can
put it there: where runs act with roles, which share the account's bucket, each writes what is new only, and what is
there already is compared with its own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from odmd.control.running.saying import Progress
from odmd.errors import AssetForeign
from odmd.model.targets import Target
from odmd.providers.aws import quotas
from odmd.providers.aws.bootstrapping import Bootstrapping
from odmd.providers.aws.cloud_assembly import Assembly, Asset
from odmd.providers.aws.codes import code
from odmd.providers.aws.inside import regular
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.same_zip import unpack_alike
from odmd.providers.aws.zipping import write_zip

_PIECE: Final = 1_000_000
_THERE_ALREADY: Final = "PreconditionFailed"


class Assets:
    """The asset buckets of any account and region."""

    def __init__(self, bootstrapping: Bootstrapping) -> None:
        self._sessions, self._bootstrapping = bootstrapping.sessions, bootstrapping

    def upload(self, folder: Path, assembly: Assembly, target: Target, progress: Progress) -> None:
        """Uploads what is not there yet.

        Raises:
            AssetUnfit, CloudUnreachable, NotBootstrapped
            AssetForeign: what is there is something else.
        """
        is_shared = self._sessions.acting(target) is not None
        for asset in assembly.assets:
            is_there = self.is_there(asset.bucket, asset.key, target)
            if is_there and not is_shared:
                continue
            with _content(folder, asset) as content:
                if not is_there and self.put(asset.bucket, asset.key, content, target):
                    progress(f"asset {asset.key[:12]} {content.tell() // 1024 + 1} KB")
                elif is_shared:
                    self._refuse_another(asset, content, target)

    def _refuse_another(self, asset: Asset, content: IO[bytes], target: Target) -> None:
        content.seek(0)
        if self._sha256(asset, target) == _digest(iter(partial(content.read, _PIECE), b"")):
            return
        if asset.zip:
            with TemporaryFile() as there:
                for piece in self._pieces(asset, target):
                    there.write(piece)
                content.seek(0)
                if unpack_alike(content, there):
                    return
        raise AssetForeign(
            f"s3://{asset.bucket}/{asset.key} is not what the app has under this name: somebody else put it there",
            next_step="find out who (CloudTrail: PutObject), then "
            f"`aws s3 rm s3://{asset.bucket}/{asset.key}`, and run again: it is uploaded anew",
        )

    def _sha256(self, asset: Asset, target: Target) -> bytes:
        """As S3 has it, which proves what is uploaded; of what came without, of all that is there."""
        with reaching(target):
            said = self._sessions.s3(target).head_object(
                Bucket=asset.bucket, Key=asset.key, ChecksumMode="ENABLED", ExpectedBucketOwner=target.account
            )
        if (known := said.get("ChecksumSHA256", "")) and "-" not in known:  # that of parts is none of the whole
            return base64.b64decode(known)
        return _digest(self._pieces(asset, target))

    def _pieces(self, asset: Asset, target: Target) -> Iterator[bytes]:
        with reaching(target):
            body = self._sessions.s3(target).get_object(Bucket=asset.bucket, Key=asset.key)["Body"]
            yield from body.iter_chunks(_PIECE)

    def missing(self, assembly: Assembly, target: Target) -> list[Asset]:
        """What an assembly refers to and is not there, or not any more.

        Raises:
            CloudUnreachable, CloudRefused
        """
        return [one for one in assembly.assets if not self.is_there(one.bucket, one.key, target)]

    def is_there(self, bucket: str, key: str, target: Target) -> bool:
        """Whether an object exists.

        Raises:
            CloudUnreachable
        """
        from botocore.exceptions import ClientError

        with reaching(target):
            try:
                self._sessions.s3(target).head_object(Bucket=bucket, Key=key, ExpectedBucketOwner=target.account)
            except ClientError as wrong:
                if code(wrong) in {"404", "NoSuchKey", "NotFound", "NoSuchBucket"}:
                    return False
                raise
            return True

    def read(self, bucket: str, key: str, target: Target) -> bytes:
        """One object; of one that is too large for a template, its beginning.

        Raises:
            CloudUnreachable
            CloudRefused: it is not there.
        """
        with reaching(target):
            return self._sessions.s3(target).get_object(Bucket=bucket, Key=key)["Body"].read(quotas.LARGEST)

    def put(self, bucket: str, key: str, content: bytes | IO[bytes], target: Target) -> bool:
        """Writes one object, unless there is one.

        Returns whether it was written.

        Raises:
            CloudUnreachable, NotBootstrapped
        """
        from botocore.exceptions import ClientError

        with reaching(target):
            try:
                self._sessions.s3(target).put_object(
                    Bucket=bucket,
                    Key=key,
                    Body=content,
                    ChecksumAlgorithm="SHA256",
                    IfNoneMatch="*",
                    ExpectedBucketOwner=target.account,
                )
            except ClientError as wrong:
                if code(wrong) == _THERE_ALREADY:
                    return False
                if code(wrong) != "NoSuchBucket":
                    raise
                raise self._bootstrapping.no_bucket(target, bucket) from wrong
            return True


def _digest(pieces: Iterable[bytes]) -> bytes:
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.digest()


@contextmanager
def _content(folder: Path, asset: Asset) -> Generator[IO[bytes]]:
    """The file, or a zip of the folder beside the assembly: neither is ever in memory as a whole."""
    path = folder / asset.path
    what = f"asset {asset.path}"
    if asset.zip and path.is_dir():
        with TemporaryFile(dir=folder.parent) as into:
            write_zip(into, path, folder, what)
            into.seek(0)
            yield into
    else:
        with regular(folder, path, what).open("rb") as file:
            yield file
