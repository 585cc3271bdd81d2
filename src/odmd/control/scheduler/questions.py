"""What people are asked about: an input, the source of a promoted enver, a loss of data, or letting go."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, assert_never

from odmd.control.scheduler.values import RunInput
from odmd.model import naming
from odmd.plan.gates import OF_CHANGES

if TYPE_CHECKING:
    from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class AboutInput:
    """May this value in, over a gated or manual wire?"""

    name: str


@dataclass(frozen=True, slots=True)
class AboutSource:
    """May a promoted enver take over what its origin runs?"""


@dataclass(frozen=True, slots=True)
class AboutLoss:
    """May a run replace or remove what holds data?"""


@dataclass(frozen=True, slots=True)
class AboutChanges:
    """May a run change what it would change, in a stage where that is asked?"""


@dataclass(frozen=True, slots=True)
class AboutLost:
    """May an enver that left the contracts, or units that left its app, be let go of, as nobody can look any more at
    what may still be there?"""


SOURCE: Final = AboutSource()
LOSS: Final = AboutLoss()
LOST: Final = AboutLost()
CHANGES: Final = AboutChanges()
FIRST: Final = (LOST, LOSS, CHANGES)
"""What a run, or a removal, stops before; one at a time."""

_SOURCE_KEY, _LOSS_KEY, _LOST_KEY, _CHANGES_KEY = "", "!", "?", OF_CHANGES


class _AsKey:
    """Written as log, inbox and projections have it."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> CoreSchema:
        from pydantic_core import core_schema as make

        text = make.str_schema()
        as_key = make.plain_serializer_function_ser_schema(key_of, return_schema=text)
        return make.no_info_after_validator_function(question_of, text, serialization=as_key)


Question = Annotated[AboutInput | AboutSource | AboutLoss | AboutLost | AboutChanges, _AsKey()]


def key_of(question: Question) -> str:
    """One text for each question, as it is recorded."""
    match question:
        case AboutInput(name):
            return name
        case AboutSource():
            return _SOURCE_KEY
        case AboutLoss():
            return _LOSS_KEY
        case AboutLost():
            return _LOST_KEY
        case AboutChanges():
            return _CHANGES_KEY
        case _:
            assert_never(question)


def question_of(key: str) -> Question:
    """The question that is recorded by a key."""
    known = {_SOURCE_KEY: SOURCE, _LOSS_KEY: LOSS, _LOST_KEY: LOST, _CHANGES_KEY: CHANGES}
    return known.get(key) or AboutInput(key)


def asked_first(open: Container[Question]) -> AboutLoss | AboutLost | AboutChanges | None:
    """The question before which a run or a removal stopped, if there is one."""
    return next((one for one in FIRST if one in open), None)


def called(question: Question) -> str:
    """What people call it: the input by its name, `commit`, `data`, `lost` or `changes`."""
    match question:
        case AboutInput(name):
            return name
        case AboutSource():
            return "commit"
        case AboutLoss():
            return "data"
        case AboutLost():
            return "lost"
        case AboutChanges():
            return "changes"
        case _:
            assert_never(question)


def asked(question: Question, content: RunInput) -> str:
    """What is asked about, in words."""
    match question:
        case AboutInput(name):
            return f"{name} #{content.version}"
        case AboutSource():
            what = "version" if naming.is_version(content.text) else "commit"
            return f"{what} {naming.short_commit(content.text)}"
        case AboutLoss():
            return f"data: {content.text}"
        case AboutLost():
            return f"lost: {content.text}"
        case AboutChanges():
            return f"changes: {content.text}"
        case _:
            assert_never(question)
