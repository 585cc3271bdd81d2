"""How long things take: as recorded, as people say it, or as assumed where nobody knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from statistics import NormalDist
from typing import Final, Protocol

from odmd.graph import EnverNode

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|min|m|h|d)")
_STANDARD: Final = NormalDist()
_P90: Final = _STANDARD.inv_cdf(0.9)
_LEAST_SHARE: Final = 0.05
FULL: Final = "full"
VALUES: Final = "values only"
LIVE: Final = "live config"


class Duration(Protocol):
    """A distribution of seconds."""

    def at(self, quantile: float) -> float:
        """The seconds that this share of all cases (between 0 and 1) stays below."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same."""

    seconds: float

    def at(self, quantile: float) -> float:  # noqa: ARG002  # the same at each
        return self.seconds


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Half of the cases take less than the median, one in ten more than `p90`: how builds and deployments are."""

    median: float
    p90: float

    def at(self, quantile: float) -> float:
        return self.median * (self.p90 / self.median) ** (_STANDARD.inv_cdf(quantile) / _P90)


@dataclass(frozen=True, slots=True)
class Normal:
    """A mean and a standard deviation; never less than a twentieth of the mean."""

    mean: float
    deviation: float

    def at(self, quantile: float) -> float:
        return max(self.mean * _LEAST_SHARE, self.mean + self.deviation * _STANDARD.inv_cdf(quantile))


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured, in ascending order; between two measurements a straight line."""

    seconds: tuple[float, ...]

    def at(self, quantile: float) -> float:
        place = quantile * (len(self.seconds) - 1)
        below = int(place)
        above = min(below + 1, len(self.seconds) - 1)
        return self.seconds[below] + (place - below) * (self.seconds[above] - self.seconds[below])


def parse_duration(text: str) -> Duration:
    """`3m` fixed; `3m..8m` median and 90th percentile; `90s~20s` mean and deviation. Units: ms, s, m (min), h, d.

    Raises:
        ValueError: it is none of these; says why.
    """
    if ".." in text:
        median, p90 = map(parse_seconds, text.split("..", 1))
        if not 0 < median <= p90:
            raise ValueError(f"{text} must rise: the median comes first, what nine of ten stay below second")
        return Lognormal(median, p90)
    if "~" in text:
        return Normal(*map(parse_seconds, text.split("~", 1)))
    return Fixed(parse_seconds(text))


def parse_seconds(text: str) -> float:
    """`90s`, `3m`, `1h30m` in seconds.

    Raises:
        ValueError: it is no duration.
    """
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        raise ValueError(f"{text!r} is no duration: say 90s, 3m or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


class DurationSource(StrEnum):
    """Where a duration comes from."""

    GIVEN = "given"
    RECORDED = "recorded"
    OTHERS = "recorded of others of its build type"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of the past that succeeded."""

    enver: str
    mode: str
    seconds: float


_ASSUMED_VALUES: Final = Fixed(40)


@dataclass(frozen=True, slots=True)
class Durations:
    """What each enver's runs take: as given, else as recorded, else as others of its build type, else assumed."""

    given: Mapping[str, Duration]
    """By `enver@slot`, build, build type or nothing, each with `:full` or `:values` behind it if only for these."""
    recorded: Mapping[tuple[str, str], Duration]
    """By enver's address and mode."""
    of_type: Mapping[tuple[str, str], Duration]
    """By build type and mode."""

    def of(self, enver: EnverNode, mode: str) -> tuple[Duration, DurationSource]:
        """The distribution for runs of one enver in one mode, and where it comes from."""
        for name in (enver.label, enver.build, enver.build_type, ""):
            for key in (f"{name}:{'full' if mode == FULL else 'values'}", name):
                if key in self.given:
                    return self.given[key], DurationSource.GIVEN
        if found := self.recorded.get((enver.address, mode)):
            return found, DurationSource.RECORDED
        if found := self.of_type.get((enver.build_type, mode)):
            return found, DurationSource.OTHERS
        if mode == LIVE:
            return Fixed(2.0), DurationSource.ASSUMED
        if mode == VALUES:
            return _ASSUMED_VALUES, DurationSource.ASSUMED
        return Fixed(enver.type.seconds), DurationSource.ASSUMED


def durations(
    envers: Mapping[str, EnverNode], history: Iterable[Ran] = (), given: Mapping[str, Duration] | None = None
) -> Durations:
    """Durations for these envers from runs of the past and from what somebody says."""
    own: dict[tuple[str, str], list[float]] = {}
    of_type: dict[tuple[str, str], list[float]] = {}
    for ran in history:
        if ran.enver in envers:
            own.setdefault((ran.enver, ran.mode), []).append(ran.seconds)
            of_type.setdefault((envers[ran.enver].build_type, ran.mode), []).append(ran.seconds)
    return Durations(given or {}, _observed(own), _observed(of_type))


def _observed(samples: Mapping[tuple[str, str], Sequence[float]]) -> Mapping[tuple[str, str], Duration]:
    return {key: Measured(tuple(sorted(seconds))) for key, seconds in samples.items()}


def chance(seed: int, *what: object) -> float:
    """A number strictly between 0 and 1 that only its arguments decide, whatever else happens."""
    text = "\0".join(map(str, (seed, *what)))
    drawn = int.from_bytes(blake2b(text.encode(), digest_size=6).digest())
    return (drawn + 0.5) / 2**48
