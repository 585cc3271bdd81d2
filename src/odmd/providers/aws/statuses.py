"""What each status of a stack means for who wants to change it: every one that CloudFormation documents."""

from __future__ import annotations

from typing import Final

from odmd.errors import StackStuck

ABSENT: Final = frozenset({"", "DELETE_COMPLETE"})
TO_CREATE: Final = ABSENT | {"REVIEW_IN_PROGRESS"}
"""It takes a change set that creates it."""
TO_DELETE: Final = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"})
"""What is left of it has to go before it takes a change set."""
TO_ROLL_BACK: Final = frozenset({"UPDATE_ROLLBACK_FAILED"})
"""Its rollback has to be finished before it takes a change set."""
READY: Final = frozenset(
    {
        "CREATE_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_FAILED",
        "UPDATE_ROLLBACK_COMPLETE",
    }
)
"""It takes a change set that updates it."""
STUCK: Final = frozenset({"IMPORT_ROLLBACK_FAILED"})
"""CloudFormation takes no change of it, and offers no way out but its deletion."""
MOVING: Final = frozenset(
    {
        "CREATE_IN_PROGRESS",
        "DELETE_IN_PROGRESS",
        "IMPORT_IN_PROGRESS",
        "IMPORT_ROLLBACK_IN_PROGRESS",
        "ROLLBACK_IN_PROGRESS",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_IN_PROGRESS",
    }
)
"""They end by themselves."""
KNOWN: Final = TO_CREATE | TO_DELETE | TO_ROLL_BACK | READY | STUCK | MOVING


def refuse_unknown(stack: str, status: str) -> None:
    """Nobody waits for the end of what nobody knows.

    Raises:
        StackStuck
    """
    if status not in KNOWN:
        raise StackStuck(
            f"{stack} is in {status}, which this release does not know: it waits for nothing there",
            next_step="look at it in CloudFormation; `odmd apply` goes on once it is in a state that is known",
            clean=False,
        )


def refuse_stuck(stack: str, status: str) -> None:
    """Raises:
    StackStuck
    """
    if status in STUCK:
        raise StackStuck(
            f"{stack} is in {status}, in which CloudFormation takes no change of it",
            next_step=f"its events in CloudFormation say what could not be undone; "
            f"`aws cloudformation delete-stack --stack-name {stack}` removes it, and `odmd apply` makes it anew",
            clean=False,
        )
