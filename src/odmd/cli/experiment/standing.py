"""How far an experiment is: its clones are all that is kept of it, and say by which command they were made, and when it
began."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from odmd.cli.experiment.design import Experiment, Variant
from odmd.control.reading.clones import CloneSetView

_WHY: Final = re.compile(r"odmd experiment ([a-z0-9-]{1,100}), begun (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Begun:
    """Clones of one experiment, be it that some of them go."""

    name: str
    origin: str
    begun: float
    sets: tuple[CloneSetView, ...]


def why(name: str, begun: float) -> str:
    """What the clones of an experiment say of why they are there."""
    return f"odmd experiment {name}, begun {datetime.fromtimestamp(begun, UTC).strftime(_TIME)}"


def standing(sets: Iterable[CloneSetView]) -> Sequence[Begun]:
    """All of which something is there, as old as they are."""
    found = dict[tuple[str, str], list[tuple[float, CloneSetView]]]()
    for one in sets:
        if (said := _WHY.match(one.why)) is not None:
            begun = datetime.strptime(said[2], _TIME).replace(tzinfo=UTC).timestamp()
            found.setdefault((said[1], one.clones[0].origin), []).append((begun, one))
    return [
        Begun(name, origin, min(at for at, _ in each), tuple([one for _, one in each]))
        for (name, origin), each in found.items()
    ]


def now() -> float:
    """To the second, as clones say it."""
    return float(int(time.time()))


def by_label(sets: Iterable[CloneSetView]) -> Mapping[str, CloneSetView]:
    """By the first of each."""
    return {one.clone: one for one in sets}


def left_of(sets: Iterable[CloneSetView]) -> Iterator[str]:
    """What is there still of clones that go, and why."""
    for one in (clone for each in sets for clone in each.clones):
        if one.left or one.why != "gone":
            yield f"{one.enver}: {', '.join(filter(None, (one.why, *one.left)))}"


def found_again(known: Begun, metrics: tuple[str, ...] = ()) -> Experiment:
    """An experiment as its clones tell of it: nobody else knows its file."""
    variants = [Variant(_variant(known.name, one.clone), one.clones[0].branch) for one in known.sets]
    return Experiment(known.name, known.origin, tuple(variants), metrics=metrics)


def _variant(experiment: str, clone: str) -> str:
    return clone.rpartition("+")[2].removeprefix(f"{experiment}-")
