"""Two sides held against each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from odmd.compare.comparison import Because, CommitView, Differs, EnverComparison, Section
from odmd.compare.contracts import of_contracts
from odmd.compare.inputs import of_config, of_secrets, of_values
from odmd.compare.names import Meanings
from odmd.compare.recipes import of_recipes
from odmd.compare.side import ComparedSide
from odmd.plan.reasons import quoted

_ORDER: Final = {section: number for number, section in enumerate(Section)}


def compare(
    before: ComparedSide,
    after: ComparedSide,
    *,
    config: Sequence[Differs] | None = None,
    commits: Sequence[CommitView] = (),
    more_commits: int = 0,
    notes: Sequence[str] = (),
) -> EnverComparison:
    """All that differs, by section.

    Args:
        config: what differs in it, for who may see that; None: only which of it does.
        commits: those between, as far as they were read.
        notes: what could not be read.
    """
    meaning = Meanings(before, after)
    found = (
        *_of_commits(before, after),
        *of_contracts(before, after),
        *of_values(before, after),
        *(of_config(before, after) if config is None else config),
        *of_secrets(before, after, meaning),
        *_of_packages(before, after),
        *of_recipes(before, after, meaning),
    )
    ordered = sorted(found, key=lambda one: _ORDER[one.section])
    said = (*notes, *_not_kept(before), *_not_kept(after))
    return EnverComparison(
        before.view, after.view, tuple(ordered), tuple(commits), more_commits, tuple(dict.fromkeys(said))
    )


def _of_commits(before: ComparedSide, after: ComparedSide) -> Iterator[Differs]:
    if not before.made_of.has_source_of(after.made_of):
        one, other = (quoted(side.made_of.commit, side.made_of.subject) for side in (before, after))
        yield Differs(Section.COMMITS, Because.AGE, "source", one, other)


def _of_packages(before: ComparedSide, after: ComparedSide) -> Iterator[Differs]:
    for lock in {**before.packages, **after.packages}:
        ours, theirs = before.packages.get(lock, {}), after.packages.get(lock, {})
        for name in sorted({*ours, *theirs}):
            if ours.get(name) != theirs.get(name):
                versions = ours.get(name, ""), theirs.get(name, "")
                yield Differs(Section.PACKAGES, Because.AGE, name, *versions, lock)


def _not_kept(side: ComparedSide) -> Iterator[str]:
    run = f"run {side.view.run}" if side.view.run else "what it runs"
    if side.parts is None:
        yield f"the recipe of {run} is not kept, or cannot be read: templates are not compared"
    if side.node is None:
        yield f"what the contracts said for {run} is not kept: they are not compared"
