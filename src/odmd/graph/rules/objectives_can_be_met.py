"""ODMD197: an objective says how far envers may be behind, in a way that they can keep."""

from collections.abc import Iterator
from datetime import timedelta

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model import Lag, naming


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds objectives that say nothing, or that nobody can meet."""
    for stage in (*draft.organisation.stages, *draft.used_stages):
        if stage.objective is not None and (wrong := _wrong(stage.objective)):
            yield Diagnostic(
                "ODMD197",
                f"the objective of stage {stage.name} {wrong}",
                stage.place,
                "write Lag(versions=2, age=timedelta(days=7)), or one of them",
            )
    for subject, (said, place) in draft.objectives.items():
        if wrong := _wrong(said):
            enver, _, name = subject.partition(":")
            what = f"input {name}" if name else "the promotion"
            yield Diagnostic(
                "ODMD197",
                f"the objective of {what} of {naming.enver_label(enver)} {wrong}",
                place,
                "give it versions=2, age=timedelta(days=7), or one of them",
            )


def _wrong(said: Lag) -> str:
    if said.versions is None and said.age is None:
        return "says nothing"
    if said.versions is not None and said.versions < 0:
        return "allows less than no versions"
    return "allows no time at all" if said.age is not None and said.age <= timedelta() else ""
