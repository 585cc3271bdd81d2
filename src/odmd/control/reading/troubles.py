"""What could not be done in the world so far: the last error of each effect that failed, until it is done.

It is kept beside the log, in one small document that one process writes when what there is to say changes: an effect
that fails for days says so once, and not at each attempt.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from threading import Lock
from typing import Final

from odmd.control.ports.reads import Documents, Texts
from odmd.control.scheduler.effects import (
    ClearMirror,
    ClearUnits,
    Effect,
    MirrorProduct,
    RemoveEnver,
    RemoveRetired,
    StartJob,
)
from odmd.errors import OdmdError
from odmd.model import naming

NAME: Final = "troubles"
_MOST: Final = 100
"""When all of AWS is away, a hundred of the same say enough."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One effect that was not carried out yet."""

    enver: str
    """The address of whose it is; empty: of no enver's, but of all that there is."""
    what: str
    """What is to be done, in words."""
    why: str
    """What AWS, or whoever it was, said last."""
    since: float

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"

    @property
    def placed(self) -> str:
        """With whose it is."""
        return f"{naming.enver_label(self.enver)}: {self}" if self.enver else str(self)


class Troubles:
    """Those of one control plane; it takes up what the one before left."""

    def __init__(
        self,
        documents: Documents,
        clock: Callable[[], float] = time.time,
        discreet: Callable[[str], str] = lambda said: said,
    ) -> None:
        """`discreet` takes secrets out of what others say."""
        self._documents, self._clock, self._discreet = documents, clock, discreet
        self._lock = Lock()
        self._found = {(one.enver, one.what): one for one in troubles(documents)}

    @contextmanager
    def watching(self, effect: Effect) -> Generator[None]:
        """Notes how an attempt at an effect ends, and lets its failure through."""
        try:
            yield
        except Exception as failed:
            self.note(effect, _said(failed))
            raise
        self._over(effect)

    def now(self) -> Sequence[Trouble]:
        """Oldest first."""
        with self._lock:
            return list(self._found.values())

    def note(self, effect: Effect, why: str) -> None:
        """Why an effect is not done yet."""
        if (about := _about(effect)) is not None:
            self.say(*about, why)

    def say(self, enver: str, what: str, why: str) -> None:
        """Why something is not done for an enver."""
        about = enver, what
        with self._lock:
            before, why = self._found.get(about), self._discreet(why)
            if before is None and len(self._found) >= _MOST:
                return
            now = replace(before, why=why) if before else Trouble(*about, why, self._clock())
            if now != before:
                self._found[about] = now
                self._write()

    def unsay(self, enver: str, what: str) -> None:
        """It is done, or not to be done any more."""
        with self._lock:
            if self._found.pop((enver, what), None) is not None:
                self._write()

    def _over(self, effect: Effect) -> None:
        if (about := _about(effect)) is not None:
            self.unsay(*about)

    def _write(self) -> None:
        self._documents.put(NAME, json.dumps([asdict(one) for one in self._found.values()]))


def troubles(documents: Texts) -> Sequence[Trouble]:
    """Oldest first."""
    return [Trouble(**one) for one in json.loads(documents.get(NAME) or "[]")]


def common_troubles(documents: Texts) -> Sequence[Trouble]:
    """Those that are of no enver; oldest first."""
    return [one for one in troubles(documents) if not one.enver]


def forget_troubles(documents: Documents) -> None:
    """Together with the effects that they are about."""
    if documents.get(NAME):
        documents.put(NAME, "[]")


def _about(effect: Effect) -> tuple[str, str] | None:
    """Whose an effect is, and what it does; None where nothing in the world is touched."""
    match effect:
        case MirrorProduct(product):
            return _enver_of(product), f"{naming.product_label(product)} is to be written to the parameter store"
        case RemoveRetired(product, version, _):
            return _enver_of(
                product
            ), f"what nobody uses of {naming.product_label(product)} #{version} is to be removed"
        case RemoveEnver(enver):
            return enver, "it is to be removed"
        case ClearUnits(enver):
            return enver, "what left its app is to be removed"
        case ClearMirror(enver, region):
            return enver, f"its values are to be removed from the parameter store in {region}"
        case StartJob(run, enver):
            return enver, f"the job of run {run} is to be started at GitHub"
        case _:
            return None


def _enver_of(product: str) -> str:
    return "/".join(product.split("/")[:2])


def _said(failed: Exception) -> str:
    if isinstance(failed, OdmdError):
        return f"{failed.code} {failed.fact}" + (f" ({failed.next_step})" if failed.next_step else "")
    return f"ODMD000 {type(failed).__name__}: {failed}"
