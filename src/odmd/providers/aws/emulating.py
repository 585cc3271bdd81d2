"""Starts ministack, and has it know one more condition of IAM's: whether a write to S3 is of something new only."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# ministack has no types.

from __future__ import annotations

from typing import Any


def main() -> None:
    """Serves until it is ended."""
    from ministack import app
    from ministack.core import iam_actions

    known: Any = iam_actions.s3_service_context

    def with_condition(action: str, query: Any, path: str = "", headers: Any = None) -> Any:
        return {**known(action, query, path, headers), "s3:if-none-match": (headers or {}).get("if-none-match")}

    iam_actions.s3_service_context = with_condition
    app.main()


if __name__ == "__main__":
    main()
