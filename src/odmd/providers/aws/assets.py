"""Uploads what templates refer to; keys are hashes of content, so what is there is right, as long as nobody else can
put it there: the bucket is the account's own."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from odmd.control.running.saying import Progress
from odmd.model.targets import Target
from odmd.providers.aws import quotas
from odmd.providers.aws.bootstrapping import Bootstrapping
from odmd.providers.aws.cloud_assembly import Assembly, Asset
from odmd.providers.aws.codes import code
from odmd.providers.aws.inside import regular
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.zipping import write_zip


class Assets:
    """The asset buckets of any account and region."""

    def __init__(self, bootstrapping: Bootstrapping) -> None:
        self._sessions, self._bootstrapping = bootstrapping.sessions, bootstrapping

    def upload(self, folder: Path, assembly: Assembly, target: Target, progress: Progress) -> None:
        """Uploads what is not there yet.

        Raises:
            AssetUnfit, CloudUnreachable, NotBootstrapped
        """
        for asset in self.missing(assembly, target):
            with _content(folder, asset) as content:
                self.put(asset.bucket, asset.key, content, target)
                progress(f"asset {asset.key[:12]} {content.tell() // 1024 + 1} KB")

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

    def put(self, bucket: str, key: str, content: bytes | IO[bytes], target: Target) -> None:
        """Writes one object.

        Raises:
            CloudUnreachable, NotBootstrapped
        """
        from botocore.exceptions import ClientError

        with reaching(target):
            try:
                self._sessions.s3(target).put_object(
                    Bucket=bucket, Key=key, Body=content, ExpectedBucketOwner=target.account
                )
            except ClientError as wrong:
                if code(wrong) != "NoSuchBucket":
                    raise
                raise self._bootstrapping.no_bucket(target, bucket) from wrong


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
