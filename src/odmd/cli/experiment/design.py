"""What an experiment is: variants of one enver, what is proven of each, and what is measured. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice, product
from typing import Final, NamedTuple

from odmd.control.leading.config_views import ConfigChange
from odmd.errors import ExperimentInvalid
from odmd.model import SuiteCheck
from odmd.plan.clones import CloneWish

MOST_VARIANTS: Final = 100
AT_ONCE: Final = 4
TTL_SECONDS: Final = 6 * 3600.0
LONGEST_EXPERIMENT: Final = 24
"""Characters of its name."""
LONGEST_NAME: Final = 40
"""Of an experiment with its variant: what a clone is called by."""
DEPLOYMENT, SUITE = "deployment", "suite"
"""What is measured of every variant, in seconds."""
REVISION: Final = "revision"
CONFIG: Final = "config."
NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DIGITS: Final = 8
_BEST: Final = re.compile(r"(min|max):(.+)")


class Variant(NamedTuple):
    """One of what is tried side by side."""

    name: str
    on: str = ""
    """The branch that its clone follows; empty: as its origin does."""
    config: tuple[ConfigChange, ...] = ()
    """What its clone's own layer says, and nothing else."""


class Best(NamedTuple):
    """Which value of a metric is wanted."""

    metric: str
    is_least: bool

    def of(self, values: Mapping[str, float]) -> Sequence[str]:
        """The variants that have it."""
        wanted = (min if self.is_least else max)(values.values(), default=math.nan)
        return [name for name, value in values.items() if value == wanted]


@dataclass(frozen=True, slots=True)
class Experiment:
    """Variants of one enver, as somebody wants them tried."""

    name: str
    origin: str
    variants: tuple[Variant, ...]
    """In the order in which they are shown."""
    suite: SuiteCheck | None = None
    """None: what the contract of the origin says."""
    at: int = AT_ONCE
    """How many are deployed and tested at once."""
    ttl: float = TTL_SECONDS
    """Seconds after which clones go that nobody used, be it that nobody goes on with the experiment."""
    metrics: tuple[str, ...] = ()
    best: tuple[Best, ...] = ()
    also: tuple[str, ...] = ()
    """Cloned together with the origin."""
    consumers: bool = False
    shares_data: bool = False

    def wish(self, variant: Variant) -> CloneWish:
        """The clones of a variant."""
        name = clone_name(self.name, variant.name)
        return CloneWish(self.origin, variant.on, name, self.consumers, self.also, self.ttl, self.shares_data)


def clone_name(experiment: str, variant: str) -> str:
    """What a variant's clones are called by: the same each time, and no other variant's."""
    whole = f"{experiment}-{variant}"
    if len(whole) <= LONGEST_NAME:
        return whole
    return f"{whole[: LONGEST_NAME - _DIGITS - 1].rstrip('-')}-{_digest(experiment, variant)}"


def _digest(*said: object) -> str:
    return sha256(json.dumps(said).encode()).hexdigest()[:_DIGITS]


def name_of(origin: str, variants: Iterable[Variant]) -> str:
    """What an experiment is called that nobody gave a name: the same command goes on with the same clones."""
    said = [[one.name, one.on, [[change.path, change.text] for change in one.config]] for one in variants]
    return f"matrix-{_digest(origin, said)}"


def matrix_variants(axes: Mapping[str, Sequence[object]]) -> tuple[Variant, ...]:
    """One variant for each way to choose a value of each axis: `revision`, or `config.` and the path of a value.

    Raises:
        ExperimentInvalid
    """
    for axis, values in axes.items():
        _refuse_axis(axis, values)
    if math.prod(map(len, axes.values())) > MOST_VARIANTS:
        raise too_many()
    chosen = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    names = list(_names([[_slug(value) for value in one.values()] for one in chosen]))
    return tuple([_chosen(name, one) for name, one in zip(names, chosen, strict=True)])


def _refuse_axis(axis: str, values: Sequence[object]) -> None:
    if axis != REVISION and not axis.removeprefix(CONFIG).strip():
        raise ExperimentInvalid(f"{axis!r} names no value", next_step="write config.prices.latte, or revision")
    if axis != REVISION and not axis.startswith(CONFIG):
        raise ExperimentInvalid(
            f"{axis} is nothing in which clones can differ", next_step=f"write {CONFIG}{axis}, or {REVISION}"
        )
    if not values or len({json.dumps(one) for one in values}) < len(values):
        raise ExperimentInvalid(f"{axis} has no values, or one twice", next_step=f"write {axis}=A,B")
    if axis == REVISION and not all(isinstance(one, str) and one for one in values):
        raise ExperimentInvalid(f"{axis} takes names of branches", next_step=f"write {axis}=main,fix-1")


def too_many() -> ExperimentInvalid:
    """That nobody looks at a table of so many."""
    return ExperimentInvalid(
        f"there would be more than {MOST_VARIANTS} variants", next_step="leave values out, or make two experiments"
    )


def _names(parts: Sequence[Sequence[str]]) -> Iterator[str]:
    """Each once, whatever the values have in common."""
    plain = ["-".join(one) for one in parts]
    for n, name in enumerate(plain):
        yield name if plain.count(name) == 1 else f"{name}-n{n + 1}"


def _slug(value: object) -> str:
    said = value if isinstance(value, str) else json.dumps(value)
    return re.sub(r"[^a-z0-9]+", "-", said.lower()).strip("-") or "none"


def _chosen(name: str, values: Mapping[str, object]) -> Variant:
    config = [(axis.removeprefix(CONFIG), value) for axis, value in values.items() if axis != REVISION]
    return Variant(name, str(values.get(REVISION, "")), tuple([change_to(path, value) for path, value in config]))


def change_to(path: str, value: object) -> ConfigChange:
    """A value of a config, as somebody types it."""
    return ConfigChange(path, value if isinstance(value, str) else json.dumps(value))


def read_axes(typed: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Of `--matrix`: `config.size=a,b`.

    Raises:
        ExperimentInvalid
    """
    axes = dict[str, Sequence[str]]()
    for one in typed:
        axis, says, values = one.partition("=")
        if not says or axis in axes:
            raise ExperimentInvalid(
                f"{one!r} gives no axis its values, or one twice", next_step="write config.size=a,b"
            )
        axes[axis] = values.split(",")
    return axes


def read_best(typed: Iterable[str], metrics: Sequence[str]) -> tuple[Best, ...]:
    """Of `--best`: `min:latency`.

    Raises:
        ExperimentInvalid
    """
    known = (*metrics, DEPLOYMENT, SUITE)
    found = list[Best]()
    for one in typed:
        said = _BEST.fullmatch(one)
        if said is None or said[2] not in known:
            raise ExperimentInvalid(
                f"{one!r} is no wish for one of {', '.join(known)}", next_step=f"write min:{known[0]} or max:{known[0]}"
            )
        found.append(Best(said[2], said[1] == "min"))
    return tuple(found)


def batches(variants: Sequence[Variant], at: int) -> Iterator[Sequence[Variant]]:
    """Those that are tried at once, in their order."""
    left = iter(variants)
    while batch := list(islice(left, at)):
        yield batch
