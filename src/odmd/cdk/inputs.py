"""Inputs as a run sees them: under the names that the consumer gave them, whoever produced them.

A `Consumes` field's input has the field's name (or its `name=`), a hub's entry `<field>/<key>`, and what a shared enver
makes on request `<field>/<product>`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from odmd.model import Enver, Hub, Offer, Offers, Produces, Requests, Wire
from odmd.model.kinds import Kind

K = TypeVar("K", bound=Kind)
K_co = TypeVar("K_co", bound=Kind, covariant=True)


class Input(Produces[K_co]):
    """What arrives at an enver in its run; stands where the contracts have the producer's product."""


class InputHub(Hub[Kind]):
    """A hub in a run: iterates over the entries that the run has, and names any other, for `consume` to look up."""

    def __init__(self, enver: Enver, name: str, kind: type[Kind]) -> None:
        super().__init__()
        self._enver, self._name, self._kind = enver, name, kind

    def __getitem__(self, key: str) -> Wire[Kind]:
        return Wire(Input(self._enver, f"{self._name}/{key}", self._kind))

    def __iter__(self) -> Iterator[str]:
        run = self._enver.run
        prefix = f"{self._name}/"
        return (name.removeprefix(prefix) for name in (run.inputs if run else ()) if name.startswith(prefix))


def bind_inputs(enver: Enver) -> None:
    """Wires every input of an enver to its run."""
    fields = type(enver).declaration
    for name, (field, kind) in fields.consumes.items():
        field.__set__(enver, Input[Kind](enver, field.alias or name, kind, field.about))
    for name, kind in fields.hubs.items():
        setattr(enver, name, InputHub(enver, name, kind))
    for name, request in fields.requests.items():
        _bind_request(enver, name, request)


def _bind_request(enver: Enver, name: str, request: Requests[Offer]) -> None:
    request.__set__(enver, Offers[Offer](enver, name, type(request.template)))
    made = request.__get__(enver, type(enver))
    for product, kind in made.products.items():
        object.__setattr__(made, product, Input[Kind](enver, f"{name}/{product}", kind))
