"""Small texts as objects of a bucket that keeps them, whoever asks for their removal, until their time is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from odmd.errors import CloudRefused
from odmd.model.targets import Target
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions


class LockedObjects:
    """`Sheets`: each an object under S3 Object Lock in compliance mode; the bucket was made with that."""

    def __init__(self, sessions: Sessions, target: Target, bucket: str, prefix: str, days: float) -> None:
        self._sessions, self._target, self._bucket = sessions, target, bucket
        self._prefix, self._days = prefix, days

    def add(self, name: str, text: str) -> None:
        """Raises:
        CloudRefused: the bucket is not there, or locks nothing.
        """
        with reaching(self._target):
            s3 = self._sessions.s3(self._target)
            until = datetime.now(UTC) + timedelta(days=self._days)
            s3.put_object(
                Bucket=self._bucket,
                Key=self._key(name),
                Body=text.encode(),
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",
                ObjectLockMode="COMPLIANCE",
                ObjectLockRetainUntilDate=until,
            )
            held = s3.get_object_retention(Bucket=self._bucket, Key=self._key(name))
        if "Retention" not in held:
            raise CloudRefused(
                f"the bucket {self._bucket} does not hold {self._key(name)} fast",
                next_step="make the bucket with Object Lock; it cannot be had without",
            )

    def all(self) -> Iterator[tuple[str, str]]:
        """Of each object the oldest version, which AWS lists last: what was put there since replaces nothing."""
        with reaching(self._target):
            s3 = self._sessions.s3(self._target)
            pages = s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=self._prefix)
            versions = [one for page in pages for one in page.get("Versions", ())]
        oldest = {one.get("Key", ""): one.get("VersionId", "") for one in versions}
        for key, version in sorted(oldest.items()):
            with reaching(self._target):
                text = s3.get_object(Bucket=self._bucket, Key=key, VersionId=version)["Body"].read()
            yield f"s3://{self._bucket}/{key}", text.decode(errors="replace")

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}.json" if self._prefix else f"{name}.json"
