"""Attempts at runs, as procedures see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from odmd.agent.document import run_document
from odmd.control.running.place import Workplace
from odmd.control.running.procedures import Job
from odmd.control.scheduler.runs import Run, RunMode
from odmd.control.scheduler.values import RunInput
from odmd.graph import EnverNode
from odmd.plan import Fingerprint
from support.worlds import node


def job(
    place: Workplace,
    enver: EnverNode | None = None,
    *,
    commit: str = "one",
    texts: Mapping[str, str] | None = None,
    run: int = 1,
    attempt: int = 1,
    lookups: Sequence[tuple[str, str]] = (),
    checkout: Callable[[], None] = lambda: None,
    said: list[str] | None = None,
) -> Job:
    """What is lasting of what is `said` begins with an exclamation mark."""
    enver, texts, heard = enver or node(0, products=()), texts or {}, said if said is not None else []
    inputs = tuple(RunInput(name, "p", 1, text, text) for name, text in texts.items())
    of = Run(run, enver.address, Fingerprint(commit, "", ()), inputs, RunMode.FULL, (), (), 0.0)

    def tell(line: str, *, lasting: bool = False) -> None:
        heard.append(f"{'! ' if lasting else ''}{line}")

    return Job(
        run=run,
        attempt=attempt,
        commit=commit,
        enver=enver,
        texts=texts,
        document=run_document(of, enver, texts, ""),
        place=place,
        state="this",
        others=(),
        lookups=lookups,
        checkout=checkout,
        tell=tell,
        alive=tell,
        note=lambda _name, _found: None,
        previous=lambda: None,
    )
