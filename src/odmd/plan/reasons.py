"""Why an enver has to be deployed, in one wording for plans and for runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from odmd.model import naming
from odmd.plan.fingerprint import Fingerprint
from odmd.plan.settings import settings_moved


@dataclass(frozen=True, slots=True)
class Moved:
    """An input that has a newer value than the one deployed."""

    name: str
    before: int
    after: int

    def __str__(self) -> str:
        before = f"#{self.before}" if self.before else "its placeholder"
        return f"{self.name} moved from {before} to #{self.after}"


def other_answers(before: Fingerprint | None, now: Fingerprint) -> Iterator[str]:
    """The lookups that are answered otherwise than before; a first answer, or the end of one, is no change."""
    known = dict(before.lookups) if before is not None else {}
    yield from (f"lookup {key} changed" for key, answer in now.lookups if known.get(key, answer) != answer)


def quoted(commit: str, subject: str) -> str:
    """A commit as people quote it, with what it says of itself."""
    return f"{naming.short_commit(commit)} “{subject}”" if subject else naming.short_commit(commit)


def reasons(
    deployed: Fingerprint | None, unknown: bool, wanted: Fingerprint, moved: Iterable[Moved], drifted: str = ""
) -> Iterator[str]:
    """What differs between the fingerprint that surely runs and the desired one.

    Args:
        drifted: what others changed of it, in words.
    """
    if deployed is None:
        yield drifted or ("nobody knows for sure what runs" if unknown else "its first deployment")
        return
    if not deployed.has_source_of(wanted):
        yield _of_source(deployed, wanted)
    if deployed.slice != wanted.slice:
        yield "its part of the contracts changed"
    if deployed.lookups and not wanted.lookups:
        yield f"what it looked up is looked up again: {', '.join(key for key, _ in deployed.lookups)}"
    yield from other_answers(deployed, wanted)
    yield from settings_moved(deployed.settings, wanted.settings)
    yield from map(str, moved)


def _of_source(deployed: Fingerprint, wanted: Fingerprint) -> str:
    before, now = naming.short_commit(deployed.commit), quoted(wanted.commit, wanted.subject)
    if not naming.is_version(wanted.commit):
        return f"new commit {now} (runs {before})"
    return f"version {before} → {now}" if before != now else f"other files of version {now}"
