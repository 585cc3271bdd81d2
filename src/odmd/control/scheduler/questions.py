"""What people are asked about: an input, the source of a promoted enver, a loss of data, or letting go."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, assert_never

from odmd.control.scheduler.values import RunInput

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
class AboutLost:
    """May an enver that left the contracts, or units that left its app, be let go of, as nobody can look any more at
    what may still be there?"""


SOURCE: Final = AboutSource()
LOSS: Final = AboutLoss()
LOST: Final = AboutLost()

_SOURCE_KEY, _LOSS_KEY, _LOST_KEY = "", "!", "?"


class _AsKey:
    """Written as log, inbox and projections have it."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> CoreSchema:
        from pydantic_core import core_schema as make

        text = make.str_schema()
        as_key = make.plain_serializer_function_ser_schema(key_of, return_schema=text)
        return make.no_info_after_validator_function(question_of, text, serialization=as_key)


Question = Annotated[AboutInput | AboutSource | AboutLoss | AboutLost, _AsKey()]


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
        case _:
            assert_never(question)


def question_of(key: str) -> Question:
    """The question that is recorded by a key."""
    return {_SOURCE_KEY: SOURCE, _LOSS_KEY: LOSS, _LOST_KEY: LOST}.get(key) or AboutInput(key)


def asks_about_loss(open: Container[Question]) -> bool:
    """Whether people are asked if something may go, or be let go of."""
    return LOSS in open or LOST in open


def called(question: Question) -> str:
    """What people call it: the input by its name, `commit`, `data` or `lost`."""
    match question:
        case AboutInput(name):
            return name
        case AboutSource():
            return "commit"
        case AboutLoss():
            return "data"
        case AboutLost():
            return "lost"
        case _:
            assert_never(question)


def asked(question: Question, content: RunInput) -> str:
    """What is asked about, in words."""
    match question:
        case AboutInput(name):
            return f"{name} #{content.version}"
        case AboutSource():
            return f"commit {content.text[:7]}"
        case AboutLoss():
            return f"data: {content.text}"
        case AboutLost():
            return f"lost: {content.text}"
        case _:
            assert_never(question)
