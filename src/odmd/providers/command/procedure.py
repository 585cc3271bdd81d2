"""The procedure of build type `command`: its recipe is the command lines, its one unit all of them in their order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from odmd.compare.side import Part
from odmd.control.ports.world import Artifacts
from odmd.control.running.procedures import Job, Observed, Unit
from odmd.control.running.proposal import Look, Proposal
from odmd.errors import FileUnfit, PublishedWrong, RecipeUnfit
from odmd.foreign import read_json
from odmd.graph import EnverNode
from odmd.graph.built import CommandNode
from odmd.providers.command.running import PRODUCTS, Runner

_UNIT: Final = "commands"
_LARGEST: Final = 1_000_000
"""Bytes of the file with the products."""


@dataclass(frozen=True, slots=True)
class CommandProcedure:
    """Needs what commands are run with, and where their products are kept for whoever goes on with the run."""

    runner: Runner
    artifacts: Artifacts

    def preflight(self, job: Job) -> None:  # noqa: ARG002
        self.runner.room.preflight()

    def prepare(self, job: Job) -> bytes:
        job.checkout()
        return _recipe(job.enver)

    def open(self, kept: bytes, job: Job) -> Commands:
        if kept != _recipe(job.enver):
            raise RecipeUnfit(
                f"what is stored does not run the commands of {job.enver.label}",
            )
        return Commands(self, job)


class Commands:
    """An enver's commands with the inputs of one run."""

    lookups: tuple[tuple[str, str], ...] = ()

    def __init__(self, procedure: CommandProcedure, job: Job) -> None:
        self._procedure, self._job, self._said = procedure, job, job.enver.built_as(CommandNode)
        self.units: Sequence[Unit] = [Unit(_UNIT, "\n".join(self._said.commands), {**job.texts, **job.config})]

    def stale(self) -> str:
        """The same command lines take any values."""
        return ""

    def prove(self) -> None:
        """There is nothing that they are known to need."""

    def deliver(self) -> Mapping[str, object]:
        return {}

    def look(self, unit: Unit) -> Look:  # noqa: ARG002
        """Nobody knows what commands find."""
        return Look()

    def propose(self, unit: Unit, *, continued: bool) -> Proposal:  # noqa: ARG002
        """What they change they alone know."""
        return Proposal(unit.name, "", (), empty=False)

    def carry_out(self, proposal: Proposal) -> Mapping[str, object]:  # noqa: ARG002
        file = self._procedure.runner.run(self._said.commands, self._job)
        texts = _products(file, self._job.enver)
        for name, text in texts.items():
            self._job.refuse_shown(f"its product {name}", text)
        return {"products": self._procedure.artifacts.put(json.dumps(texts, sort_keys=True).encode())}

    def settle(self, unit: Unit) -> None:
        """Nothing is left to do."""

    def observe(self, unit: Unit, carried_out: Mapping[str, object]) -> Observed:  # noqa: ARG002
        kept = self._procedure.artifacts.get(str(carried_out.get("products")))
        if kept is None:
            raise PublishedWrong("the products that the commands wrote are not stored", next_step="`odmd apply` again")
        return Observed(json.loads(kept), {})


def _recipe(enver: EnverNode) -> bytes:
    """All that is wanted of the contracts; commit and values come with each run."""
    built = enver.built_as(CommandNode)
    said = {
        "enver": enver.address,
        "repo": enver.repo,
        "folder": enver.folder,
        "commands": built.commands,
        "network": built.network,
    }
    return json.dumps(said, sort_keys=True).encode()


def parts_of(kept: bytes) -> Sequence[Part]:
    """What a recipe runs, to be compared.

    Raises:
        ValueError, KeyError: it is none.
    """
    said = json.loads(kept)
    return [Part(_UNIT, {"commands": said["commands"], "network": said["network"]})]


def _products(file: Path, enver: EnverNode) -> Mapping[str, str]:
    """What the commands wrote, as text by name.

    Raises:
        PublishedWrong
    """

    def wrong(what: str) -> PublishedWrong:
        example = json.dumps({product.name: "…" for product in enver.products[:2]}, ensure_ascii=False)
        return PublishedWrong(f"{enver.label} {what}", next_step=f"let the commands write {example} to ${PRODUCTS}")

    try:
        said = read_json(file, within=file.parent, most=_LARGEST)
    except FileNotFoundError:
        if not enver.products:
            return {}
        raise wrong("wrote no products") from None
    except (OSError, ValueError, FileUnfit) as unread:
        raise wrong(f"wrote products that nobody can read: {unread}") from unread
    if not isinstance(said, dict):
        raise wrong("wrote products that are no JSON object")
    texts = {str(name): _text(given) for name, given in cast("dict[object, object]", said).items()}
    if undeclared := sorted(texts.keys() - {product.name for product in enver.products}):
        raise wrong(f"publishes {', '.join(undeclared)}, which its contract does not declare")
    return texts


def _text(given: object) -> str:
    """A text as it is, all else as JSON."""
    return given if isinstance(given, str) else json.dumps(given, sort_keys=True)
