"""What is wrong with what people typed is said in plain words."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from odmd.plain import placed


class Inner(BaseModel, extra="forbid"):
    count: Annotated[int, Field(ge=1, le=5)] = 1
    name: Annotated[str, Field(min_length=2, max_length=4, pattern="^[a-z]+$")] = "ab"
    how: Literal["fast", "slow"] = "fast"
    yes: bool = True


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"count": "x"}, "count: expected a whole number"),
        ({"count": 0}, "count: expected 1 or more"),
        ({"count": 9}, "count: expected 5 or less"),
        ({"name": "a"}, "name: expected 2 characters or more"),
        ({"name": "abcde"}, "name: expected 4 characters or fewer"),
        ({"name": "AB"}, "name: expected a text that matches ^[a-z]+$"),
        ({"how": "soon"}, "how: expected 'fast' or 'slow'"),
        ({"yes": "perhaps"}, "yes: expected true or false"),
        ({"other": 1}, "other: nobody knows this field"),
        ([], "expected an object"),
    ],
)
def test_every_mistake_has_its_words(given: Any, said: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        TypeAdapter(Inner).validate_python(given)
    assert placed(wrong.value.errors(include_url=False)[0]) == said
