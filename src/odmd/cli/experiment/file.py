"""An experiment's file: TOML, read strictly; what is wrong is said with its line."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from odmd.cli.experiment.design import (
    AT_ONCE,
    LONGEST_EXPERIMENT,
    MOST_VARIANTS,
    NAME,
    Experiment,
    Variant,
    change_to,
    matrix_variants,
    read_best,
    too_many,
)
from odmd.cli.pause import lasting
from odmd.control.config.merging import leaves, written
from odmd.control.leading.config_views import ConfigChange
from odmd.errors import ExperimentInvalid, FileUnfit, Place
from odmd.foreign import read_text
from odmd.model import SuiteCheck
from odmd.plain import placed

_LARGEST: Final = 1_000_000
_LINE: Final = re.compile(r"\(at line (\d+), column \d+\)")
_Text = Annotated[str, Field(min_length=1, max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Variant(_Strict):
    config: dict[str, Any] = {}
    on: Annotated[str, Field(max_length=255)] = ""


class _Experiment(_Strict):
    origin: _Text
    name: Annotated[str, Field(pattern=f"^{NAME.pattern}$", max_length=LONGEST_EXPERIMENT)] | None = None
    suite: _Text | None = None
    network: bool = False
    minutes: Annotated[float, Field(gt=0)] = 10
    at: Annotated[int, Field(ge=1, le=MOST_VARIANTS)] = AT_ONCE
    ttl: _Text = "6h"
    metrics: Annotated[list[_Text], Field(max_length=20)] = []
    best: Annotated[list[_Text], Field(max_length=20)] = []
    also: Annotated[list[_Text], Field(max_length=100, alias="with")] = []
    with_consumers: bool = False
    share_data: bool = False
    variants: dict[Annotated[str, Field(pattern=f"^{NAME.pattern}$", max_length=60)], _Variant] = {}
    matrix: dict[str, Any] = {}


def read_experiment(file: Path) -> Experiment:
    """What a file says.

    Raises:
        ExperimentInvalid
    """
    try:
        text = read_text(file, most=_LARGEST)
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        line = _LINE.search(str(wrong))
        place = Place(str(file), int(line[1]) if line else 1)
        raise ExperimentInvalid(
            f"it is no TOML: {wrong}", place=place, next_step="see docs/guides/experiments.md"
        ) from wrong
    except (OSError, ValueError, FileUnfit) as unread:
        raise ExperimentInvalid(
            f"{file} cannot be read: {unread}", next_step="give the file of an experiment"
        ) from unread
    try:
        return _experiment(_Experiment.model_validate(said), _stem(file))
    except ValidationError as wrong:
        first = wrong.errors()[0]
        place = Place(str(file), _line(text, [one for one in first["loc"] if isinstance(one, str)]))
        raise ExperimentInvalid(placed(first), place=place, next_step="see docs/guides/experiments.md") from wrong
    except ExperimentInvalid as wrong:
        raise ExperimentInvalid(wrong.fact, place=Place(str(file), 1), next_step=wrong.next_step) from wrong


def _experiment(said: _Experiment, stem: str) -> Experiment:
    return Experiment(
        said.name or stem,
        said.origin,
        _variants(said),
        suite=SuiteCheck(said.suite, minutes=said.minutes, network=said.network) if said.suite else None,
        at=said.at,
        ttl=_seconds(said.ttl),
        metrics=tuple(dict.fromkeys(said.metrics)),
        best=read_best(said.best, said.metrics),
        also=tuple(said.also),
        consumers=said.with_consumers,
        shares_data=said.share_data,
    )


def _variants(said: _Experiment) -> tuple[Variant, ...]:
    if bool(said.variants) is bool(said.matrix):
        raise ExperimentInvalid(
            "it has no variants, or both variants and a matrix", next_step="write [variants.NAME], or [matrix]"
        )
    if said.matrix:
        return matrix_variants(dict(_axes(said.matrix)))
    if len(said.variants) > MOST_VARIANTS:
        raise too_many()
    return tuple([Variant(name, one.on, tuple(_config(name, one.config))) for name, one in said.variants.items()])


def _seconds(said: str) -> float:
    try:
        return lasting(said)
    except typer.BadParameter as wrong:
        raise ExperimentInvalid(f"ttl: {wrong.message}", next_step="write 6h, 30min or 2d") from wrong


def _axes(matrix: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[object]]]:
    for path, values in leaves(matrix):
        axis = written(path)
        if not isinstance(values, list) or any(map(_is_no_value, cast("list[object]", values))):
            raise ExperimentInvalid(f"matrix: {axis} is no list of values", next_step=f"write {axis} = [1, 2]")
        yield axis, cast("list[object]", values)


def _config(variant: str, config: Mapping[str, Any]) -> Iterator[ConfigChange]:
    for path, value in leaves(config):
        if len(path) < len(("prices", "latte")) or _is_no_value(value):
            raise ExperimentInvalid(
                f"config of {variant}: {written(path)} is no field with a value that JSON has",
                next_step="write config = { prices.latte = 3 }",
            )
        yield change_to(written(path), value)


def _is_no_value(value: object) -> bool:
    """Dates, and numbers without an end."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return True
    return False


def _stem(file: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-")[:LONGEST_EXPERIMENT].strip("-") or "experiment"


def _line(text: str, keys: Sequence[str]) -> int:
    """Where the last of these keys stands that does; TOML's reader does not say it."""
    lines = text.splitlines()
    at = 0
    for key in keys:
        named = re.compile(rf'(^|[\s.\[{{,"]){re.escape(key)}["\s]*[=.\]]')
        at = next((n for n in range(at, len(lines)) if named.search(lines[n])), at)
    return at + 1
