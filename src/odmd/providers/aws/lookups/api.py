"""What is read of AWS to answer lookups."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, cast

from odmd.model.targets import Target
from odmd.providers.aws.lookups.query import Found
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Iterable


class LookupApi:
    """Reads of one account and region."""

    def __init__(self, sessions: Sessions, target: Target) -> None:
        self._sessions, self._target = sessions, target

    def read(self, service: str, operation: str, absent: Collection[str] = (), **asked: object) -> Found:
        """One answer; an empty one where AWS refuses with one of the codes in `absent`.

        Raises:
            CloudUnreachable, CloudRefused
        """
        from botocore.exceptions import ClientError

        with reaching(self._target):
            try:
                return cast("Found", getattr(self._sessions.reader(service, self._target), operation)(**asked))
            except ClientError as wrong:
                if wrong.response.get("Error", {}).get("Code") in absent:
                    return {}
                raise

    def every(
        self, service: str, operation: str, of: str, absent: Collection[str] = (), **asked: object
    ) -> list[Found]:
        """What all pages of an answer have under one name; nothing where AWS refuses with one of the codes in `absent`.

        Raises:
            CloudUnreachable, CloudRefused
        """
        from botocore.exceptions import ClientError

        with reaching(self._target):
            pages = self._sessions.reader(service, self._target).get_paginator(operation).paginate(**asked)
            try:
                return [one for page in cast("Iterable[Found]", pages) for one in page.get(of) or ()]
            except ClientError as wrong:
                if wrong.response.get("Error", {}).get("Code") in absent:
                    return []
                raise


def filters(**values: str) -> list[Found]:
    """EC2's filters; names have `-` where these have `_`."""
    return [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in values.items()]
