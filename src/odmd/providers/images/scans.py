"""What the scan of an image found, and whether it may go on with that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from odmd.errors import ImageVulnerable
from odmd.model.build_types import ScanSeverity
from odmd.providers.images.repository import Stored

_UNDER_WAY: Final = ("", "IN_PROGRESS", "PENDING")
_ORDER: Final = (*(one.name for one in ScanSeverity), "INFORMATIONAL", "UNDEFINED")


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which severity on findings are refused."""

    least: ScanSeverity | None = None
    """None: none are."""
    seconds: float = 600.0
    """How long a scan is waited for, where findings may be refused."""

    def judged(self, product: str, look: Callable[[], Stored | None], waits: Iterator[float]) -> str:
        """What was found, in words; nothing where nothing was, or where nobody minds and the scan is under way.

        Args:
            waits: gives, after each pause, the seconds that have gone by.

        Raises:
            ImageVulnerable
        """
        stored = look()
        while self.least and stored and stored.scan in _UNDER_WAY and next(waits) < self.seconds:
            stored = look()
        if stored is None:
            return ""
        said = in_words(stored.findings)
        if self.least is None:
            return said
        if stored.scan in (*_UNDER_WAY, "FAILED"):
            raise ImageVulnerable(
                f"{product} is not scanned after {self.seconds:g} s ({stored.scan.lower() or 'no scan is known'})",
                next_step="see in ECR why; without image-findings in [tool.odmd] no scan is waited for",
            )
        if refused := {name: stored.findings[name] for name in _from(self.least) if stored.findings.get(name)}:
            raise ImageVulnerable(
                f"{product}: its scan finds {in_words(refused)}, which is refused",
                next_step="mend the image: `aws ecr describe-image-scan-findings` names them; the bar is "
                f'image-findings = "{self.least}" in [tool.odmd] where runs are carried out',
            )
        return said


NONE_REFUSED: Final = Threshold()


def in_words(findings: Mapping[str, int]) -> str:
    """The most severe first: `2 critical, 5 high`."""
    named = sorted(findings, key=lambda one: _ORDER.index(one) if one in _ORDER else len(_ORDER))
    return ", ".join(f"{findings[one]} {one.lower()}" for one in named if findings[one])


def _from(least: ScanSeverity) -> list[str]:
    """The severities that are refused."""
    names = [one.name for one in ScanSeverity]
    return names[: names.index(least.name) + 1]
