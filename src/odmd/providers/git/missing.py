"""Says that a revision is not there, and which ones are."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from odmd.errors import RevisionNotFound

SHOWN = 5


def revision_not_found(repo: str, revision: str, known: Collection[str]) -> RevisionNotFound:
    """`known` are the revisions that the repository has, as `branch:NAME` or `tag:NAME`."""
    kind, _, name = revision.partition(":")
    other_kind = {"branch": "tag", "tag": "branch"}.get(kind)
    same_name = [f"{other_kind}:{name}"] if f"{other_kind}:{name}" in known else []
    near = list(dict.fromkeys([*same_name, *get_close_matches(revision, known, SHOWN)]))[:SHOWN]
    if near:
        hint = f"did you mean {', '.join(near)}?"
    elif known:
        hint = f"it has {', '.join(sorted(known)[:SHOWN])}{' …' if len(known) > SHOWN else ''}"
    else:
        hint = "it has no branch and no tag yet; push one"
    return RevisionNotFound(f"{repo} has no {kind} {name}", next_step=hint)


def commit_not_found(repo: str, commit: str) -> RevisionNotFound:
    """A commit that was there once may be gone after a forced push."""
    return RevisionNotFound(
        f"{repo} has no commit {commit}", next_step="push it, or plan again with what the branch points to now"
    )
