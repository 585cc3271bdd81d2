"""Kinds whose values are ARNs."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from odmd.model.kinds.base import TextKind

PARTITION: Final = r"aws(-[a-z]+)*"
REGION: Final = r"[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}"
ACCOUNT: Final = r"[0-9]{12}"
UUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class ArnKind(TextKind):
    """A kind whose value is the ARN of a resource, in any partition. A subclass says `service` and `resource`."""

    service: ClassVar[str] = "[a-z0-9-]+"
    resource: ClassVar[str] = r"\S+"
    """Pattern of what stands after the account, e.g. `function:[a-z]+`."""
    region: ClassVar[str] = REGION
    """Pattern of the region; empty for global services."""
    account: ClassVar[str] = ACCOUNT
    pattern: ClassVar[str] = rf"arn:{PARTITION}:[a-z0-9-]+:({REGION})?:({ACCOUNT})?:\S+"
    looks_like: ClassVar[str] = "an ARN"

    def __init_subclass__(cls) -> None:
        said = cls.__dict__
        if not {"service", "resource", "region", "account"}.isdisjoint(said):
            cls.pattern = f"arn:{PARTITION}:{cls.service}:{cls.region}:{cls.account}:(?:{cls.resource})"
            if "looks_like" not in said:
                cls.looks_like = f"an ARN of {cls.service} whose resource matches {cls.resource}"
        super().__init_subclass__()

    def short(self) -> str:
        """The resource without its type: `role/app/orders` is `app/orders`."""
        resource = self.value.split(":", 5)[-1]
        return re.split(r"[:/]", resource, maxsplit=1)[-1]
