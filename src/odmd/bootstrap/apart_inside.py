"""The process that contracts are loaded in, apart from odmd: tells what they say, then how their kinds read values.

It speaks over a socket, a line at a time: `ready`, then `+` and what the contracts say, or `-` and why they say
nothing; for each question a `+` and an answer, or a `-` and a refusal.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from odmd.bootstrap.confined import confine
from odmd.bootstrap.in_process import compiled_of, with_files
from odmd.errors import ContractsNotLoaded, ContractsUnsound, OdmdError
from odmd.graph import Compiled, Graph, Loaded, imports, load_organisation
from odmd.graph.difference import edition
from odmd.graph.imports import ended_after
from odmd.graph.load import blamed_on_contracts
from odmd.graph.reading import draft
from odmd.graph.told import tell
from odmd.model.kinds import Kind, NotOfKind

READY: Final = b"ready"
TOLD, REFUSED = b"+", b"-"


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be loaded, and how."""

    where: str
    base: str
    first: str = ""
    """Stands before everything on the path."""
    path: tuple[str, ...] = ()
    """The path for imports; empty: as it is."""
    only: str = ""
    """Nothing of the package may come from outside of this folder."""
    seconds: float = 0.0
    memory: int = 0
    caged: bool = False


def main(words: str, address: str) -> int:
    """Connects to who asked, tells, and answers until nobody asks any more."""
    errand = Errand(**json.loads(words))
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        imports.LONGEST_SECONDS = errand.seconds
        confine(errand.memory, caged=errand.caged)
        line.sendall(READY + b"\n")
        try:
            told, kinds = _told(errand)
        except OdmdError as error:
            line.sendall(REFUSED + _refusal(error) + b"\n")
            return error.exit_code
        line.sendall(TOLD + told + b"\n")
        with line.makefile("rb") as questions:
            for question in questions:
                line.sendall(_answer(json.loads(question), kinds) + b"\n")
    return 0


def _told(errand: Errand) -> tuple[bytes, Mapping[str, type[Kind]]]:
    """What the contracts say, sound or not, and their kinds."""
    sys.path[:] = errand.path or sys.path
    if errand.first:
        sys.path.insert(0, errand.first)
    where, base, module = errand.where, Path(errand.base), errand.where.rpartition(":")[0]
    loaded = load_organisation(where, base)
    if errand.only:
        _refuse_what_is_from_elsewhere(module, errand.only)
    with blamed_on_contracts(module, surely=False), ended_after(errand.seconds):
        try:
            compiled = with_files(compiled_of(loaded), where, base)
            found = compiled.warnings
        except ContractsUnsound as unsound:
            compiled, found = _unproven(loaded), unsound.found
        return tell(compiled, found, edition(compiled).documents), compiled.kinds


def _unproven(loaded: Loaded) -> Compiled:
    drafted, organisation = draft(loaded.organisation, loaded.declared, loaded.noticed), loaded.organisation
    nodes = {node.address: node for node in drafted.nodes}
    graph = Graph(organisation.name, organisation.central.id, nodes, {}, loaded.version, drafted.builds)
    return Compiled(graph, drafted.kinds, drafted.schemas)


def _refuse_what_is_from_elsewhere(module: str, folder: str) -> None:
    if module.endswith(".py"):
        return
    package = module.partition(".")[0]
    file = sys.modules[package].__file__ or ""
    if not Path(file).resolve().is_relative_to(folder):
        raise ContractsNotLoaded(f"package {package} was imported from {file}, not from the revision")


def _refusal(error: OdmdError) -> bytes:
    place = asdict(error.place) if error.place else None
    said = {"code": error.code, "fact": error.fact, "next_step": error.next_step, "place": place}
    return json.dumps(said).encode()


def _answer(question: Any, kinds: Mapping[str, type[Kind]]) -> bytes:
    """How a kind reads a text; whatever its code raises, it does not."""
    kind, text = question
    try:
        value = kinds[kind].parse(text)
        answer = {"text": value.text(), "identity": value.identity(), "consumed": value.consumed()}
        return TOLD + json.dumps(answer).encode()
    except NotOfKind as wrong:
        return REFUSED + json.dumps({"fact": str(wrong), "raised": ""}).encode()
    except Exception as wrong:
        return REFUSED + json.dumps({"fact": "", "raised": type(wrong).__name__}).encode()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
