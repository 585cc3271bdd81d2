"""What `odmd experiment run` is given: a file, or a matrix; options say otherwise than a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from odmd.cli.experiment.design import (
    AT_ONCE,
    LONGEST_EXPERIMENT,
    NAME,
    TTL_SECONDS,
    Experiment,
    matrix_variants,
    name_of,
    read_axes,
    read_best,
)
from odmd.cli.pause import lasting
from odmd.control.leading.suites import refuse_unfit
from odmd.errors import ExperimentInvalid
from odmd.model import SuiteCheck


@dataclass(frozen=True, slots=True)
class Typed:
    """Arguments and options, as they are typed."""

    what: str
    matrix: Sequence[str] | None
    suite: str | None
    network: bool
    name: str | None
    at: int | None
    ttl: str | None
    also: Sequence[str] | None
    consumers: bool
    share_data: bool
    metrics: Sequence[str]
    best: Sequence[str]


def read(typed: Typed) -> Experiment:
    """The experiment that is meant.

    Raises:
        ExperimentInvalid, SuiteUnfit
    """
    made = _of_matrix(typed) if typed.matrix else _of_file(typed)
    suite = SuiteCheck(typed.suite, network=typed.network) if typed.suite else made.suite
    if suite is not None and typed.network:
        suite = replace(suite, network=True)
    if suite is not None:
        refuse_unfit(suite)
    metrics = tuple(dict.fromkeys((*made.metrics, *typed.metrics)))
    return replace(
        made,
        name=_named(typed.name or made.name),
        suite=suite,
        at=typed.at or made.at,
        ttl=lasting(typed.ttl) if typed.ttl else made.ttl,
        metrics=metrics,
        best=read_best(typed.best, metrics) if typed.best else made.best,
        also=tuple(typed.also) if typed.also else made.also,
        consumers=typed.consumers or made.consumers,
        shares_data=typed.share_data or made.shares_data,
    )


def _of_matrix(typed: Typed) -> Experiment:
    variants = matrix_variants(read_axes(typed.matrix or ()))
    name = typed.name or name_of(typed.what, variants)
    return Experiment(name, typed.what, variants, at=AT_ONCE, ttl=TTL_SECONDS)


def _of_file(typed: Typed) -> Experiment:
    from odmd.cli.experiment.file import read_experiment

    file = Path(typed.what)
    if "@" in typed.what and not file.exists():
        raise ExperimentInvalid(
            f"{typed.what} is no file of an experiment",
            next_step="say in what its variants differ: --matrix config.size=a,b",
        )
    return read_experiment(file)


def _named(name: str) -> str:
    if NAME.fullmatch(name) is None or len(name) > LONGEST_EXPERIMENT:
        raise ExperimentInvalid(
            f"an experiment cannot be called {name!r}",
            next_step=f"use up to {LONGEST_EXPERIMENT} of a-z, 0-9 and -, as cheap-tea",
        )
    return name
