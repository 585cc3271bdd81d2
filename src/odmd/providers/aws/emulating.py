"""Starts ministack, and has it know one more condition of IAM's: whether a write to S3 is of something new only."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# ministack has no types.

from __future__ import annotations

from typing import Any

from ministack import app
from ministack.core import iam_actions

_known: Any = iam_actions.s3_service_context


def _with_condition(action: str, query: Any, path: str = "", headers: Any = None) -> Any:
    return {**_known(action, query, path, headers), "s3:if-none-match": (headers or {}).get("if-none-match")}


if __name__ == "__main__":
    iam_actions.s3_service_context = _with_condition
    app.main()
